-- differences: an article whose duplicate mark is not what the rule gives over all articles
SELECT articles.bucket, articles.key
FROM articles JOIN duplicate_marks AS mark USING (article_id)
WHERE articles.is_current AND articles.duplicate_of IS DISTINCT FROM mark.duplicate_of
ORDER BY ALL;
