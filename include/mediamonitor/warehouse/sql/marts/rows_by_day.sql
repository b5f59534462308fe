-- How many rows each restated day has in the tables of hits and mentions; `all_restated` keeps the days.
CREATE OR REPLACE TEMP TABLE all_restated AS SELECT * FROM restated;

SELECT restated.published_on, coalesce(sum(counted.size), 0)::BIGINT
FROM restated
LEFT JOIN (
    SELECT published_on, count(*) AS size FROM hits WHERE published_on IN (SELECT published_on FROM restated) GROUP BY published_on
    UNION ALL
    SELECT published_on, count(*) FROM article_mentions WHERE published_on IN (SELECT published_on FROM restated) GROUP BY published_on
) AS counted USING (published_on)
GROUP BY restated.published_on
ORDER BY restated.published_on;
