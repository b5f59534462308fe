-- What is open or ignored, or could not be read, and fits: `not_text` stands for every `not_text:<kind>`, and `$key` is a
-- key or a record as this list is printed.
SELECT bucket, key, member, record_no, source, reason_code, detail, state, attempts, first_seen_at
FROM (
    SELECT bucket, key, member, record_no, source, reason_code, detail, state, attempts, first_seen_at
    FROM quarantine WHERE state IN ('open', 'ignored')
    UNION ALL
    SELECT bucket, key, '', 1, NULL, reason_code, reason, state, attempts, first_seen_at
    FROM objects WHERE is_current AND state IN ('deferred', 'vanished') AND reason_code <> 'gate_stopped'
)
WHERE ($key IS NULL OR key = $key OR concat(key, ':', member, ':', record_no) = $key)
    AND ($source IS NULL OR source = $source)
    AND ($reason IS NULL OR reason_code = $reason OR starts_with(reason_code, $reason || ':'))
ORDER BY list_position(['open', 'ignored', 'deferred', 'vanished'], state), reason_code, bucket, key, member, record_no;
