SELECT hits.* EXCLUDE (version)
FROM hits
JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version
WHERE articles.is_current AND (hits.published_on IS NULL OR hits.published_on IN (SELECT unnest($days::DATE[])))
ORDER BY hits.published_on NULLS LAST, hits.article_id, hits.zone, hits.start_char, hits.entity_id, hits.alias;
