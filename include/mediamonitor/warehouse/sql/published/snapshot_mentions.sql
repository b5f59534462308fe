INSERT INTO snapshot.article_mentions
SELECT * FROM article_mentions
WHERE published_on IN (SELECT unnest($days::DATE[])) AND article_id >= $low AND article_id < $high
ORDER BY published_on, source, article_id, entity_id;
