-- The stale articles now have the hits that the given watchlist and rules give. Its version stands in `media.duckdb`, which
-- is therefore published again even where no day moved.
UPDATE articles SET
    watchlist_version = $watchlist_version,
    rules_version = split_part(rules_version, '.', 1) || '.' || $matching_rules
WHERE rowid IN (SELECT article_rowid FROM stale);
INSERT INTO dirty_days VALUES (NULL, 'watchlist');
