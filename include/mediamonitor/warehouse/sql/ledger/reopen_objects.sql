-- Take the objects in `reopened` again: each gets a new observation of the same content, so that its history stays.
UPDATE objects SET is_current = false, state = CASE WHEN objects.state = 'deferred' THEN 'superseded' ELSE objects.state END
FROM reopened
WHERE objects.bucket = reopened.bucket AND objects.key = reopened.key AND objects.seq = reopened.seq;
INSERT INTO objects (bucket, key, seq, is_current, etag, size_bytes, last_modified, state, first_seen_at, let_in)
SELECT objects.bucket, objects.key, objects.seq + 1, true, objects.etag, objects.size_bytes, objects.last_modified, 'waiting', $now::TIMESTAMP, reopened.let_in
FROM objects
JOIN reopened ON objects.bucket = reopened.bucket AND objects.key = reopened.key AND objects.seq = reopened.seq;
INSERT INTO dirty_days SELECT NULL, 'ledger' WHERE EXISTS (SELECT 1 FROM reopened);
SELECT count(*) FROM reopened;
