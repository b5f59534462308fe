-- The fresh hits of articles that were matched again (`rematched`, `fresh_hits`), and the days that this touches. Who takes
-- the version of the watchlist away marks the day himself.
INSERT INTO dirty_days
SELECT DISTINCT articles.published_on, CASE WHEN articles.watchlist_version = $watchlist_version THEN 'rules' ELSE 'watchlist' END
FROM articles
JOIN rematched ON rematched.article_id = articles.article_id AND rematched.version = articles.version
WHERE articles.watchlist_version IS NOT NULL;
DELETE FROM hits USING rematched WHERE hits.article_id = rematched.article_id AND hits.version = rematched.version;
INSERT INTO hits BY NAME SELECT * FROM fresh_hits;
UPDATE articles SET
    watchlist_version = $watchlist_version,
    rules_version = split_part(rules_version, '.', 1) || '.' || $matching_rules
FROM rematched
WHERE articles.article_id = rematched.article_id AND articles.version = rematched.version;
