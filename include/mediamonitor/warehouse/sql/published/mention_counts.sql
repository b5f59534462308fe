-- It holds no articles: all of it goes with the first range of a day.
SELECT * FROM mention_counts
WHERE published_on IN (SELECT unnest($days::DATE[])) AND $low <= '000'
ORDER BY published_on, source, entity_id;
