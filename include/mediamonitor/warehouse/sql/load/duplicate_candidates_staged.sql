-- Articles that may be duplicates of each other if `staged` were loaded: the staged ones, and the live ones they may meet.
CREATE OR REPLACE TEMP TABLE duplicate_candidates AS
SELECT article_id, source, title_key, content_sha256, published_on, published_at FROM staged WHERE outcome = 'article'
UNION ALL
SELECT article_id, source, title_key, content_sha256, published_on, published_at
FROM articles
WHERE is_current
    AND (source, title_key, content_sha256) IN (SELECT source, title_key, content_sha256 FROM staged WHERE outcome = 'article')
    AND NOT EXISTS (SELECT 1 FROM staged WHERE staged.bucket = articles.bucket AND staged.key = articles.key AND staged.outcome = 'article');
