-- Every place of an entity that counts, or might have: those in duplicates, without a day, or when it is not watched are in
-- no count whatever they mean.
SELECT hits.article_id, hits.zone, hits.start_char, hits.end_char, hits.alias, hits.why_not
FROM hits
JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version
WHERE articles.is_current AND articles.duplicate_of IS NULL AND articles.published_on IS NOT NULL
    AND hits.entity_id = $entity_id AND hits.why_not IS DISTINCT FROM 'inactive'
ORDER BY ALL;
