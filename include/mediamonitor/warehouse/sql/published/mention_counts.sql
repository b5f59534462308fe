SELECT * FROM mention_counts WHERE published_on = $day ORDER BY source, entity_id;
