-- No article was matched with them any more.
DELETE FROM watchlists WHERE watchlist_version <> $watchlist_version;
