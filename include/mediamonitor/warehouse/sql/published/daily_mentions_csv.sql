SELECT * FROM daily_totals WHERE published_on >= $first AND published_on < $first + INTERVAL 1 MONTH ORDER BY published_on, entity_id;
