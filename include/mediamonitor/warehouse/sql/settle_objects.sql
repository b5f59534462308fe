-- The verdicts into the ledger and the quarantine; the last act of a load.
UPDATE objects SET state = 'superseded'
FROM object_verdicts AS verdict
WHERE objects.bucket = verdict.bucket AND objects.key = verdict.key AND objects.seq <> verdict.seq
    AND objects.state IN ('loaded', 'partial') AND verdict.articles > 0;

UPDATE objects SET
    state = verdict.state, reason_code = verdict.reason_code, reason = verdict.reason, articles = verdict.articles,
    -- Of an object that was overwritten before it was read, what was read; the next listing is compared with that.
    etag = verdict.etag, size_bytes = verdict.size_bytes, last_modified = verdict.last_modified,
    finished_at = $now::TIMESTAMP, stopped_source = verdict.stopped_source,
    source_deleted_at = CASE WHEN verdict.state = 'vanished' THEN $now::TIMESTAMP ELSE objects.source_deleted_at END
FROM object_verdicts AS verdict
WHERE objects.bucket = verdict.bucket AND objects.key = verdict.key AND objects.seq = verdict.seq;

CREATE OR REPLACE TEMP TABLE refused AS
SELECT
    judged.bucket, judged.key, judged.member, judged.record_no, judged.etag, judged.reason_code, judged.stage, judged.detail, judged.sample,
    judged.size_bytes, judged.rules_version,
    coalesce(before.first_seen_at, $now::TIMESTAMP) AS first_seen_at,
    coalesce(before.attempts, 0) + 1 AS attempts
FROM judged
LEFT JOIN quarantine AS before
    ON before.bucket = judged.bucket AND before.key = judged.key AND before.member = judged.member
    AND before.record_no = judged.record_no AND before.etag = judged.etag AND before.state = 'open'
WHERE judged.outcome = 'quarantined';

DELETE FROM quarantine
USING refused
WHERE quarantine.bucket = refused.bucket AND quarantine.key = refused.key AND quarantine.member = refused.member
    AND quarantine.record_no = refused.record_no AND quarantine.etag = refused.etag AND quarantine.state = 'open';
UPDATE quarantine SET state = 'superseded'
FROM object_verdicts AS verdict
WHERE quarantine.bucket = verdict.bucket AND quarantine.key = verdict.key AND quarantine.state = 'open' AND verdict.state IN ('loaded', 'partial', 'quarantined');
INSERT INTO quarantine BY NAME SELECT *, 'open' AS state FROM refused;
