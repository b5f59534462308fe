-- Policy `retract`: the articles of deleted objects leave, whichever observation they came from. Run inside the
-- transaction of the listing; the next older copy takes over when stories are brought up to it.
CREATE OR REPLACE TEMP TABLE retracted_versions AS
SELECT loaded.bucket, loaded.key, loaded.seq
FROM objects AS loaded
JOIN objects AS last ON last.bucket = loaded.bucket AND last.key = loaded.key
WHERE loaded.state IN ('loaded', 'partial') AND last.is_current AND last.source_deleted_at IS NOT NULL
    AND last.bucket = $bucket AND starts_with(last.key, $prefix);

CREATE OR REPLACE TEMP TABLE retracted AS
SELECT articles.article_id, articles.version, articles.published_on
FROM articles
JOIN retracted_versions AS gone ON gone.bucket = articles.bucket AND gone.key = articles.key AND gone.seq = articles.version
WHERE articles.is_current;

INSERT INTO dirty_days SELECT DISTINCT published_on, 'deletion' FROM retracted;
UPDATE articles SET is_current = false FROM retracted WHERE articles.article_id = retracted.article_id AND articles.version = retracted.version;
DELETE FROM hits USING retracted WHERE hits.article_id = retracted.article_id AND hits.version = retracted.version;
UPDATE objects SET state = 'retracted'
FROM retracted_versions AS gone
WHERE objects.bucket = gone.bucket AND objects.key = gone.key AND objects.seq = gone.seq;
