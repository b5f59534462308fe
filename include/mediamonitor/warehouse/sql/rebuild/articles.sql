-- Each live article, as short as can be: by the first half of its id, what of it the counts are made of, and its story. `told` are its
-- counted hits; they are not known where lines are masked, which a rebuild does later. One that keeps the day of another
-- version is no longer what its content says (`etag`).
CREATE OR REPLACE TEMP VIEW told_articles AS
WITH told AS (
    SELECT article_id, version, bit_xor(hash(entity_id, zone, start_char, end_char)) AS told
    FROM hits
    WHERE is_counted
    GROUP BY article_id, version
),
unplaced AS (
    SELECT article_id FROM articles WHERE is_current AND is_origin IS NULL
),
placed AS (
    SELECT article_id, arg_max({story_id: story_id, duplicate_of: duplicate_of, is_origin: is_origin}, version) AS place
    FROM articles
    WHERE is_origin IS NOT NULL AND article_id IN (FROM unplaced)
    GROUP BY article_id
)
SELECT
    ('0x' || left(articles.article_id, 16))::UBIGINT AS number, articles.published_on, hash(articles.source) AS source,
    CASE WHEN NOT articles.keeps_day THEN hash(objects.etag) END AS etag,
    CASE WHEN articles.masks IS NULL THEN coalesce(told.told, 0) END AS told,
    -- Its place, or that of its last version that had one; a story of its own has its id, which is not said twice.
    nullif(coalesce(articles.story_id, placed.place.story_id), articles.article_id) AS story_id,
    coalesce(articles.duplicate_of, placed.place.duplicate_of) AS duplicate_of,
    coalesce(articles.is_origin, placed.place.is_origin) AS is_origin
FROM articles
JOIN objects ON objects.bucket = articles.bucket AND objects.key = articles.key AND objects.seq = articles.version
LEFT JOIN told ON told.article_id = articles.article_id AND told.version = articles.version
LEFT JOIN placed ON placed.article_id = articles.article_id
WHERE articles.is_current;

FROM told_articles;
