-- differences: an object that is quarantined in the ledger and has nothing in the quarantine
SELECT bucket, key FROM objects
WHERE is_current AND state = 'quarantined'
    AND NOT EXISTS (SELECT 1 FROM quarantine WHERE quarantine.bucket = objects.bucket AND quarantine.key = objects.key AND quarantine.etag = objects.etag)
ORDER BY ALL;
