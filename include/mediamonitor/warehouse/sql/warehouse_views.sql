-- The ledger at a glance; in a snapshot it is a table.
CREATE OR REPLACE VIEW objects_summary AS
SELECT bucket, state, reason_code, count(*) AS objects, sum(articles)::BIGINT AS articles, sum(size_bytes)::BIGINT AS size_bytes, min(first_seen_at) AS oldest, max(first_seen_at) AS newest
FROM objects
WHERE is_current
GROUP BY ALL
ORDER BY ALL;
