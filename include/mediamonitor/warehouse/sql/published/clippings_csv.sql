SELECT
    mentions.published_on AS date, mentions.source, articles.title, articles.url, entities.name AS entity, mentions.snippet, mentions.in_title
FROM article_mentions AS mentions
JOIN articles ON articles.article_id = mentions.article_id AND articles.is_current
JOIN entities ON entities.entity_id = mentions.entity_id
WHERE mentions.published_on IN (SELECT unnest($days::DATE[]))
ORDER BY mentions.published_on, mentions.source, mentions.article_id, mentions.entity_id;
