SELECT * FROM mention_counts;
