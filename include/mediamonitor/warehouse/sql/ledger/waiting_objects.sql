-- What a run may take: untried objects first. Those that were deferred for a fetch reason always, those that the gate
-- stopped only as a new observation (reopen_objects.sql).
SELECT key, seq, etag, size_bytes, last_modified, attempts
FROM objects
WHERE is_current AND source_deleted_at IS NULL AND bucket = $bucket AND starts_with(key, $prefix)
    AND (state = 'waiting' OR (state = 'deferred' AND reason_code <> 'gate_stopped'))
ORDER BY attempts, last_modified, key;
