-- differences: an article with more than one current version
-- Grouped by the id alone, which DuckDB can put on disk; names beside it would have to fit into memory.
SELECT bucket, key
FROM articles
WHERE is_current AND article_id IN (SELECT article_id FROM articles WHERE is_current GROUP BY article_id HAVING count(*) > 1)
ORDER BY ALL;
