SELECT hits.* EXCLUDE (version)
FROM hits
JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version
WHERE articles.is_current AND articles.published_on IS NOT DISTINCT FROM $day
ORDER BY hits.article_id, hits.zone, hits.start_char, hits.entity_id, hits.alias;
