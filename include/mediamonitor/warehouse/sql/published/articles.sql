SELECT * EXCLUDE (version, is_current, run_id, ingested_at, watchlist_version, rules_version)
FROM articles
WHERE is_current AND published_on IS NOT DISTINCT FROM $day
ORDER BY article_id;
