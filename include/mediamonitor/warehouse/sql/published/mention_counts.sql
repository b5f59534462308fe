SELECT * FROM mention_counts
WHERE published_on IN (SELECT unnest($days::DATE[]))
ORDER BY published_on, source, entity_id;
