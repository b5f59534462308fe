SELECT * FROM article_mentions
WHERE published_on IN (SELECT unnest($days::DATE[]))
ORDER BY published_on, article_id, entity_id;
