-- Hand the objects in `taken` to this run's batches. A retry of the same run counts as the same attempt.
UPDATE objects SET
    state = 'waiting', reason_code = NULL, reason = NULL, finished_at = NULL,
    attempts = objects.attempts + CASE WHEN objects.run_id IS DISTINCT FROM $run_id THEN 1 ELSE 0 END,
    batch_id = taken.batch_id,
    run_id = $run_id
FROM taken
WHERE objects.bucket = $bucket AND objects.key = taken.key AND objects.seq = taken.seq;
