-- Live articles that have no date of their own and keep the day of a version that is gone.
SELECT articles.key, count(*) AS articles
FROM articles
JOIN listing ON listing.key = articles.key
WHERE articles.is_current AND articles.bucket = $bucket AND articles.keeps_day
GROUP BY articles.key
ORDER BY ALL;
