SELECT DISTINCT published_on FROM mention_counts ORDER BY published_on;
