-- What the watchlist says that the articles of a batch were matched with.
INSERT INTO watchlists
SELECT $watchlist_version, $content
WHERE $watchlist_version NOT IN (SELECT watchlist_version FROM watchlists);
