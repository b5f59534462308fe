CREATE OR REPLACE TEMP TABLE duplicate_candidates AS
SELECT article_id, source, title_key, content_sha256, published_on, published_at FROM articles WHERE is_current;
