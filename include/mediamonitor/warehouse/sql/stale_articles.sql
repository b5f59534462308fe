-- Articles matched with another watchlist or other matching rules than the given ones: how many, and where they stand.
SELECT count(*), min(rowid), max(rowid)
FROM articles
WHERE is_current AND (watchlist_version IS DISTINCT FROM $watchlist_version OR NOT ends_with(rules_version, $matching_rules));
