SELECT * FROM quarantine WHERE $key IS NULL OR key = $key ORDER BY state <> 'open', reason_code, bucket, key, record_no, first_seen_at;
