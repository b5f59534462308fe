SELECT * FROM article_mentions WHERE published_on = $day ORDER BY article_id, entity_id;
