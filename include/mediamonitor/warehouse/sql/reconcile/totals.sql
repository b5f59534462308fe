-- differences: a source-day whose totals are not those of its articles; days that are still to publish are left out
WITH recount AS (
    SELECT
        published_on, source,
        count(*) FILTER (WHERE duplicate_of IS NULL) AS articles,
        count(DISTINCT story_id) FILTER (WHERE duplicate_of IS NULL) AS stories,
        count(*) FILTER (WHERE duplicate_of IS NOT NULL) AS duplicates
    FROM articles
    WHERE is_current AND published_on IS NOT NULL
    GROUP BY ALL
),
stored AS (SELECT published_on, source, articles, stories, duplicates FROM coverage WHERE published_on IS NOT NULL AND articles + duplicates > 0)
SELECT published_on, source
FROM recount FULL JOIN stored USING (published_on, source)
WHERE (recount.articles, recount.stories, recount.duplicates) IS DISTINCT FROM (stored.articles, stored.stories, stored.duplicates)
    AND published_on NOT IN (SELECT published_on FROM dirty_days WHERE published_on IS NOT NULL)
ORDER BY ALL;
