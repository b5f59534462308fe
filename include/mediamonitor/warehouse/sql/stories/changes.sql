-- What has changed since stories were last made: signatures whose article left or has other masked lines now (`gone`), and
-- articles with a day that have none (`fresh`, the $most earliest, numbered day by day). Pairs of the gone ones go; `touched`
-- is who was in them.
CREATE OR REPLACE TEMP TABLE gone AS
SELECT signature AS number, article_id, story_id
FROM articles
WHERE signature IS NOT NULL
    AND (NOT is_current OR masks IS DISTINCT FROM signed_masks OR NOT EXISTS (SELECT 1 FROM signature_rules WHERE rules = $rules || version()));

CREATE OR REPLACE TEMP TABLE touched AS
SELECT DISTINCT CASE WHEN one IN (SELECT number FROM gone) THEN other ELSE one END AS number
FROM similar_pairs
WHERE one IN (SELECT number FROM gone) OR other IN (SELECT number FROM gone);
DELETE FROM touched WHERE number IN (SELECT number FROM gone);

DELETE FROM similar_pairs WHERE one IN (SELECT number FROM gone) OR other IN (SELECT number FROM gone);
DELETE FROM signatures WHERE number IN (SELECT number FROM gone);
UPDATE articles SET signature = NULL WHERE signature IN (SELECT number FROM gone);
DELETE FROM signature_rules WHERE rules <> $rules || version();
INSERT INTO signature_rules SELECT $rules || version() WHERE NOT EXISTS (SELECT 1 FROM signature_rules);

CREATE OR REPLACE TEMP TABLE fresh AS
SELECT
    rowid AS article_rowid, published_on,
    (SELECT coalesce(max(number), 0) FROM signatures) + row_number() OVER (ORDER BY published_on, rowid) AS number
FROM articles
WHERE is_current AND published_on IS NOT NULL AND signature IS NULL
ORDER BY published_on, rowid
LIMIT $most;
UPDATE articles SET signature = fresh.number, signed_masks = articles.masks
FROM fresh
WHERE articles.rowid = fresh.article_rowid;

SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM gone), (SELECT coalesce(min(number), 0) FROM fresh);
