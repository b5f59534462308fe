-- Live articles of objects that are not in landing (`listing`): deleted, or of another bucket or prefix.
SELECT articles.key, count(*) AS articles
FROM articles
LEFT JOIN listing ON listing.key = articles.key AND articles.bucket = $bucket
WHERE articles.is_current AND listing.key IS NULL
GROUP BY articles.bucket, articles.key
ORDER BY ALL;
