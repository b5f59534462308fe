-- The places of the affected articles (`placed` has those that are tied to others; the rest are stories of their own), the
-- days that this changes, and the ids that stories had before.
CREATE OR REPLACE TEMP TABLE moved AS
SELECT
    articles.rowid AS article_rowid, articles.article_id, articles.published_on, articles.story_id AS old_story,
    placed.duplicate_of, coalesce(placed.story_id, articles.article_id) AS story_id, coalesce(placed.is_origin, true) AS is_origin
FROM articles
JOIN affected ON affected.number = articles.signature
LEFT JOIN placed ON placed.number = articles.signature
WHERE articles.is_current
    AND (articles.duplicate_of, articles.story_id, articles.is_origin)
        IS DISTINCT FROM (placed.duplicate_of, coalesce(placed.story_id, articles.article_id), coalesce(placed.is_origin, true));

INSERT INTO dirty_days SELECT DISTINCT published_on, 'cluster' FROM moved WHERE old_story IS NOT NULL;
UPDATE articles SET duplicate_of = moved.duplicate_of, story_id = moved.story_id, is_origin = moved.is_origin
FROM moved
WHERE articles.rowid = moved.article_rowid;

-- A story that no article has any more goes on in the one that its origin belongs to now, else its earliest article.
CREATE OR REPLACE TEMP TABLE renamed AS
WITH before AS (
    SELECT article_id, old_story AS story_id FROM moved WHERE old_story IS NOT NULL
    UNION
    SELECT article_id, story_id FROM gone WHERE story_id IS NOT NULL
)
SELECT
    before.story_id AS old_id,
    arg_min(articles.story_id, (articles.article_id <> before.story_id, articles.published_on, articles.published_at IS NULL, articles.published_at, articles.article_id)) AS story_id
FROM before
JOIN articles ON articles.article_id = before.article_id AND articles.is_current AND articles.story_id IS NOT NULL
WHERE before.story_id NOT IN (SELECT story_id FROM articles WHERE is_current AND story_id IN (SELECT story_id FROM before))
GROUP BY before.story_id;

UPDATE story_aliases SET story_id = renamed.story_id, changed_at = $now::TIMESTAMP
FROM renamed
WHERE story_aliases.story_id = renamed.old_id;
INSERT INTO story_aliases SELECT old_id, story_id, $now::TIMESTAMP FROM renamed WHERE old_id NOT IN (SELECT old_id FROM story_aliases);
-- The id of an article that is still here leads to its own story, not to the one that it was in for a while.
UPDATE story_aliases SET story_id = moved.story_id, changed_at = $now::TIMESTAMP
FROM moved
WHERE story_aliases.old_id = moved.article_id AND story_aliases.story_id <> moved.story_id;
DELETE FROM story_aliases WHERE old_id IN (SELECT story_id FROM moved);

SELECT count(*) FROM moved;
