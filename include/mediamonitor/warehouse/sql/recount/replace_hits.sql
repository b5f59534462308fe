-- The fresh hits of articles that were matched again (`rematched`, `fresh_hits`), and the days on which they differ from
-- those before.
CREATE OR REPLACE TEMP TABLE hits_before AS
SELECT hits.* FROM hits SEMI JOIN rematched ON rematched.article_id = hits.article_id AND rematched.version = hits.version;
CREATE OR REPLACE TEMP TABLE moved AS
SELECT DISTINCT article_id, version
FROM ((FROM hits_before EXCEPT ALL SELECT * FROM fresh_hits) UNION ALL (SELECT * FROM fresh_hits EXCEPT ALL FROM hits_before));

-- Who takes the version of the watchlist away marks the day himself.
INSERT INTO dirty_days
SELECT DISTINCT articles.published_on, CASE WHEN articles.watchlist_version = $watchlist_version THEN 'rules' ELSE 'watchlist' END
FROM articles
JOIN moved ON moved.article_id = articles.article_id AND moved.version = articles.version
WHERE articles.watchlist_version IS NOT NULL;
DELETE FROM hits USING moved WHERE hits.article_id = moved.article_id AND hits.version = moved.version;
INSERT INTO hits BY NAME
SELECT fresh_hits.* FROM fresh_hits SEMI JOIN moved ON moved.article_id = fresh_hits.article_id AND moved.version = fresh_hits.version;
