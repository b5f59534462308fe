-- How often each alias stands in the current articles, counted and at all.
SELECT hits.entity_id, hits.alias, count(*) FILTER (WHERE hits.is_counted) AS counted, count(*) AS hits
FROM hits
JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version
WHERE articles.is_current
GROUP BY hits.entity_id, hits.alias;
