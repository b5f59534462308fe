-- How many objects no run has taken yet.
SELECT count(*)
FROM objects
WHERE is_current AND source_deleted_at IS NULL AND bucket = $bucket AND starts_with(key, $prefix) AND state = 'waiting' AND attempts = 0;
