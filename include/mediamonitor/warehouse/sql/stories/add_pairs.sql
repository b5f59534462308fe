INSERT INTO similar_pairs SELECT one, other, is_similar FROM pairs;
