-- The affected articles that are tied to others.
SELECT signature, article_id, source, title_key, content_sha256, published_on, published_at
FROM articles
WHERE is_current AND signature IN (
    SELECT number FROM affected WHERE number IN (SELECT one FROM similar_pairs) OR number IN (SELECT other FROM similar_pairs)
);
