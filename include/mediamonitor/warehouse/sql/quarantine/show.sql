-- Every refusal of one object (or record) that fits, the latest first, with what the ledger says of the object now; and
-- where the object itself could not be read, why.
SELECT
    quarantine.bucket, quarantine.key, quarantine.member, quarantine.record_no, quarantine.source, quarantine.reason_code, quarantine.state,
    quarantine.stage, quarantine.detail, quarantine.sample, quarantine.etag, quarantine.size_bytes, quarantine.attempts,
    quarantine.first_seen_at, quarantine.seq, quarantine.rules_version,
    objects.state AS object_state, objects.seq AS object_seq, objects.source_deleted_at
FROM (
    SELECT * FROM quarantine
    UNION ALL BY NAME
    SELECT
        bucket, key, '' AS member, 1 AS record_no, reason_code, state, 'fetch' AS stage, reason AS detail, '' AS sample,
        etag, size_bytes, attempts, first_seen_at, seq
    FROM objects WHERE is_current AND state IN ('deferred', 'vanished') AND reason_code <> 'gate_stopped'
) AS quarantine
JOIN objects ON objects.bucket = quarantine.bucket AND objects.key = quarantine.key AND objects.is_current
WHERE (quarantine.key = $key OR concat(quarantine.key, ':', quarantine.member, ':', quarantine.record_no) = $key)
    AND ($source IS NULL OR quarantine.source = $source)
    AND ($reason IS NULL OR quarantine.reason_code = $reason OR starts_with(quarantine.reason_code, $reason || ':'))
ORDER BY quarantine.bucket, quarantine.seq DESC, quarantine.member, quarantine.record_no;
