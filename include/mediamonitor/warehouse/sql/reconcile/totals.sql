-- differences: a source-day whose totals are not those of its articles; days that are still to publish are left out
WITH told AS (
    SELECT
        published_on, source, story_id,
        count(*) FILTER (WHERE duplicate_of IS NULL) AS articles,
        count(*) FILTER (WHERE duplicate_of IS NOT NULL) AS duplicates,
        count(*) FILTER (WHERE duplicate_of IS NULL AND date_precision = 'arrival') AS dated_by_arrival
    FROM articles
    WHERE is_current AND published_on IS NOT NULL
    GROUP BY published_on, source, story_id
),
recount AS (
    SELECT
        published_on, source,
        sum(articles) AS articles, count(*) FILTER (WHERE articles > 0) AS stories, sum(duplicates) AS duplicates,
        sum(dated_by_arrival) AS dated_by_arrival
    FROM told
    GROUP BY published_on, source
),
stored AS (
    SELECT published_on, source, articles, stories, duplicates, dated_by_arrival
    FROM coverage
    WHERE published_on IS NOT NULL AND articles + duplicates > 0
)
SELECT published_on, source
FROM recount FULL JOIN stored USING (published_on, source)
WHERE (recount.articles, recount.stories, recount.duplicates, recount.dated_by_arrival)
    IS DISTINCT FROM (stored.articles, stored.stories, stored.duplicates, stored.dated_by_arrival)
    AND published_on NOT IN (SELECT published_on FROM dirty_days WHERE published_on IS NOT NULL)
ORDER BY ALL;
