-- What a run may take: untried objects first. `deferred` ones for a fetch reason always, those the gate stopped on request.
SELECT key, seq, etag, size_bytes, last_modified, attempts
FROM objects
WHERE is_current AND source_deleted_at IS NULL AND bucket = $bucket AND starts_with(key, $prefix)
    AND (state = 'waiting' OR (state = 'deferred' AND (reason_code <> 'gate_stopped' OR stopped_source IN (SELECT unnest($accept)) OR '*' IN (SELECT unnest($accept)))))
ORDER BY attempts, last_modified, key;
