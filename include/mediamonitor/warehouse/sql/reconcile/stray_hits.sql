-- differences: hits that belong to no current article, or stand twice
SELECT hits.article_id, hits.entity_id
FROM hits LEFT JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version AND articles.is_current
WHERE articles.article_id IS NULL
UNION ALL
SELECT article_id, entity_id FROM hits GROUP BY article_id, version, entity_id, zone, start_char HAVING count(*) > 1
ORDER BY ALL;
