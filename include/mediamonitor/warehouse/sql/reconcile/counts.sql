-- differences: a count that a recount from articles and hits does not give; days that are still to publish are left out
WITH recount AS (
    SELECT
        articles.published_on, articles.source, hits.entity_id,
        count(DISTINCT articles.article_id) AS articles,
        count(*) AS occurrences,
        count(DISTINCT articles.article_id) FILTER (WHERE hits.zone = 'title') AS title_articles,
        count(DISTINCT articles.article_id) FILTER (WHERE hits.zone = 'lead') AS lead_articles
    FROM hits
    JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version
    WHERE articles.is_current AND articles.duplicate_of IS NULL AND articles.published_on IS NOT NULL
        AND hits.zone IN ('title', 'lead', 'body') AND hits.why_not IS NULL
    GROUP BY ALL
)
SELECT recount.published_on || ' ' || recount.source, recount.entity_id
FROM recount FULL JOIN mention_counts AS stored
    ON stored.published_on = recount.published_on AND stored.source = recount.source AND stored.entity_id = recount.entity_id
WHERE coalesce(recount.published_on, stored.published_on) NOT IN (SELECT published_on FROM dirty_days WHERE published_on IS NOT NULL)
    AND (recount.articles, recount.occurrences, recount.title_articles, recount.lead_articles)
        IS DISTINCT FROM (stored.articles, stored.occurrences, stored.title_articles, stored.lead_articles)
ORDER BY ALL;
