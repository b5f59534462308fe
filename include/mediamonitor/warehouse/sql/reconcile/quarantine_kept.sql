-- differences: an object that was refused or held back, whole or in part, and has nothing in the quarantine
SELECT bucket, key FROM objects
WHERE is_current AND (state IN ('quarantined', 'partial') OR reason_code = 'gate_stopped')
    AND NOT EXISTS (SELECT 1 FROM quarantine WHERE quarantine.bucket = objects.bucket AND quarantine.key = objects.key AND quarantine.seq = objects.seq)
ORDER BY ALL;
