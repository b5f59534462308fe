SELECT hits.* EXCLUDE (version)
FROM hits
JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version
WHERE articles.is_current
    -- A hit has the day of its article. It is asked of both, or the articles of all days are read.
    AND (articles.published_on IN (SELECT unnest($days::DATE[])) OR ($undated AND articles.published_on IS NULL))
    AND (hits.published_on IN (SELECT unnest($days::DATE[])) OR ($undated AND hits.published_on IS NULL))
    AND hits.article_id >= $low AND hits.article_id < $high
ORDER BY hits.published_on NULLS LAST, hits.article_id, hits.zone, hits.start_char, hits.entity_id, hits.alias;
