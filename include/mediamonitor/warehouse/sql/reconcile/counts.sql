-- differences: a count that a recount from articles and hits does not give; days that are still to publish are left out
-- Sorted and grouped step by step: DuckDB can put that on disk, and distinct counts beside others it holds in memory.
WITH mentions AS (
    SELECT
        articles.rowid AS article_rowid, hits.entity_id,
        count(*) AS occurrences, bool_or(hits.zone = 'title') AS in_title, bool_or(hits.zone = 'lead') AS in_lead
    FROM hits
    JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version
    WHERE articles.is_current AND articles.duplicate_of IS NULL AND articles.published_on IS NOT NULL
        AND hits.zone IN ('title', 'lead', 'body') AND hits.why_not IS NULL
    GROUP BY articles.rowid, hits.entity_id
),
opened AS (
    SELECT
        mentions.*, articles.published_on, articles.source, articles.story_id,
        row_number() OVER (
            PARTITION BY articles.story_id, mentions.entity_id
            ORDER BY articles.published_on, coalesce(articles.published_at, 'infinity'::TIMESTAMP), articles.article_id
        ) = 1 AS opens_story
    FROM mentions
    JOIN articles ON articles.rowid = mentions.article_rowid
),
told AS (
    SELECT
        published_on, source, entity_id, story_id,
        count(*) AS articles,
        count(*) FILTER (WHERE opens_story) AS new_stories,
        sum(occurrences) AS occurrences,
        count(*) FILTER (WHERE in_title) AS title_articles,
        count(*) FILTER (WHERE in_lead) AS lead_articles
    FROM opened
    GROUP BY published_on, source, entity_id, story_id
),
recount AS (
    SELECT
        published_on, source, entity_id,
        sum(articles) AS articles, count(*) AS stories, sum(new_stories) AS new_stories, sum(occurrences) AS occurrences,
        sum(title_articles) AS title_articles, sum(lead_articles) AS lead_articles
    FROM told
    GROUP BY published_on, source, entity_id
)
SELECT recount.published_on || ' ' || recount.source, recount.entity_id
FROM recount FULL JOIN mention_counts AS stored
    ON stored.published_on = recount.published_on AND stored.source = recount.source AND stored.entity_id = recount.entity_id
WHERE coalesce(recount.published_on, stored.published_on) NOT IN (SELECT published_on FROM dirty_days WHERE published_on IS NOT NULL)
    -- A story that is still to be published may open elsewhere.
    AND (recount.articles, recount.stories, recount.occurrences, recount.title_articles, recount.lead_articles)
        IS DISTINCT FROM (stored.articles, stored.stories, stored.occurrences, stored.title_articles, stored.lead_articles)
    OR (recount.new_stories IS DISTINCT FROM stored.new_stories AND NOT EXISTS (SELECT 1 FROM dirty_days WHERE published_on IS NOT NULL))
ORDER BY ALL;
