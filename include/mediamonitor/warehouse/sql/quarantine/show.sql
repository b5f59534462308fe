-- Every refusal of one object that fits, the latest first, with what the ledger says of the object now.
SELECT
    quarantine.bucket, quarantine.key, quarantine.member, quarantine.record_no, quarantine.source, quarantine.reason_code, quarantine.state,
    quarantine.stage, quarantine.detail, quarantine.sample, quarantine.etag, quarantine.size_bytes, quarantine.attempts,
    quarantine.first_seen_at, quarantine.seq, quarantine.rules_version,
    objects.state AS object_state, objects.seq AS object_seq, objects.source_deleted_at
FROM quarantine
JOIN objects ON objects.bucket = quarantine.bucket AND objects.key = quarantine.key AND objects.is_current
WHERE quarantine.key = $key AND ($source IS NULL OR quarantine.source = $source)
    AND ($reason IS NULL OR quarantine.reason_code = $reason OR starts_with(quarantine.reason_code, $reason || ':'))
ORDER BY quarantine.bucket, quarantine.seq DESC, quarantine.member, quarantine.record_no;
