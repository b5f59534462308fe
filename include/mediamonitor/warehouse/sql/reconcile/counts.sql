-- differences: a count that a recount from articles and hits does not give; days that are still to publish are left out
WITH counted AS (
    SELECT articles.article_id, articles.published_on, articles.published_at, articles.source, articles.story_id, hits.entity_id, hits.zone
    FROM hits
    JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version
    WHERE articles.is_current AND articles.duplicate_of IS NULL AND articles.published_on IS NOT NULL
        AND hits.zone IN ('title', 'lead', 'body') AND hits.why_not IS NULL
),
openers AS (
    SELECT story_id, entity_id, arg_min(article_id, (published_on, coalesce(published_at, 'infinity'::TIMESTAMP), article_id)) AS article_id
    FROM counted
    GROUP BY story_id, entity_id
),
recount AS (
    SELECT
        published_on, source, entity_id,
        count(DISTINCT counted.article_id) AS articles,
        count(DISTINCT story_id) AS stories,
        count(DISTINCT counted.article_id) FILTER (WHERE counted.article_id = openers.article_id) AS new_stories,
        count(*) AS occurrences,
        count(DISTINCT counted.article_id) FILTER (WHERE zone = 'title') AS title_articles,
        count(DISTINCT counted.article_id) FILTER (WHERE zone = 'lead') AS lead_articles
    FROM counted
    JOIN openers USING (story_id, entity_id)
    GROUP BY ALL
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
