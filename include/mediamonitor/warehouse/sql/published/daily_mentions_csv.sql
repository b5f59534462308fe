SELECT * FROM daily_totals WHERE published_on IN (SELECT unnest($days::DATE[])) ORDER BY published_on, entity_id;
