-- The pairs that would stand in one story: candidates for which the pair test holds.
SELECT one.article_id, other.article_id
FROM similar_pairs AS pairs
JOIN articles AS one ON one.signature = pairs.one
JOIN articles AS other ON other.signature = pairs.other
WHERE pairs.is_similar;
