-- Of the given days, and the undated ones last; one pass over the table, since a day is scattered all over it.
SELECT * EXCLUDE (version, is_current, run_id, ingested_at, watchlist_version, rules_version, keeps_day)
FROM articles
WHERE is_current AND (published_on IS NULL OR published_on IN (SELECT unnest($days::DATE[])))
ORDER BY published_on NULLS LAST, article_id;
