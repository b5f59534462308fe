-- differences: an object of this landing without a verdict for more than 24 hours
SELECT bucket, key FROM objects
WHERE bucket = $bucket AND starts_with(key, $prefix) AND is_current AND state = 'waiting' AND first_seen_at < $now::TIMESTAMP - INTERVAL 24 HOUR
ORDER BY ALL;
