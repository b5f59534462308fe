-- What is open or ignored and fits: `not_text` stands for every `not_text:<kind>`.
SELECT bucket, key, member, record_no, source, reason_code, detail, state, attempts, first_seen_at
FROM quarantine
WHERE state IN ('open', 'ignored') AND ($key IS NULL OR key = $key) AND ($source IS NULL OR source = $source)
    AND ($reason IS NULL OR reason_code = $reason OR starts_with(reason_code, $reason || ':'))
ORDER BY state DESC, reason_code, bucket, key, member, record_no;
