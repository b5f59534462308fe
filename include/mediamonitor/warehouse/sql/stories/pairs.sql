SELECT one, other, is_similar FROM similar_pairs WHERE one IN (SELECT number FROM affected);
