-- differences: an article whose duplicate mark or story is not what the rule gives (`placed`); those without a place yet,
-- those that are to be compared anew, and who is tied to what has changed since, are left out: the next publish places them
SELECT articles.bucket, articles.key
FROM articles
JOIN affected ON affected.number = articles.signature
LEFT JOIN placed ON placed.number = articles.signature
WHERE articles.is_current
    AND (articles.duplicate_of, articles.story_id, articles.is_origin)
        IS DISTINCT FROM (placed.duplicate_of, coalesce(placed.story_id, articles.article_id), coalesce(placed.is_origin, true))
UNION ALL
SELECT bucket, key
FROM articles
WHERE is_current AND published_on IS NOT NULL AND signature IS NULL AND story_id IS NULL
    AND published_on NOT IN (SELECT published_on FROM dirty_days WHERE published_on IS NOT NULL)
ORDER BY ALL;
