-- The verdicts into the ledger and the quarantine; the last act of a load.

-- An older version keeps as many articles as a newer one refused to replace; one that has none left is superseded.
UPDATE objects SET
    state = CASE WHEN older.live = 0 THEN 'superseded' WHEN older.live = objects.articles THEN objects.state ELSE 'partial' END,
    articles = CASE WHEN older.live = 0 THEN objects.articles ELSE older.live END
FROM (
    SELECT known.bucket, known.key, known.seq, count(article.article_id) AS live
    FROM objects AS known
    JOIN object_verdicts AS verdict ON verdict.bucket = known.bucket AND verdict.key = known.key
    LEFT JOIN articles AS article
        ON article.bucket = known.bucket AND article.key = known.key AND article.version = known.seq AND article.is_current
    WHERE known.seq <> verdict.seq AND known.state IN ('loaded', 'partial') AND verdict.articles > 0
    GROUP BY known.bucket, known.key, known.seq
) AS older
WHERE objects.bucket = older.bucket AND objects.key = older.key AND objects.seq = older.seq;

UPDATE objects SET
    state = verdict.state, reason_code = verdict.reason_code, reason = verdict.reason, articles = verdict.articles,
    -- Of an object that was overwritten before it was read, what was read; the next listing is compared with that.
    etag = verdict.etag, size_bytes = verdict.size_bytes, last_modified = verdict.last_modified,
    finished_at = $now::TIMESTAMP,
    source_deleted_at = CASE WHEN verdict.state = 'vanished' THEN $now::TIMESTAMP ELSE objects.source_deleted_at END
FROM object_verdicts AS verdict
WHERE objects.bucket = verdict.bucket AND objects.key = verdict.key AND objects.seq = verdict.seq;

-- Whatever was refused or held back, with what is known of the same record of the same content: how often it was tried,
-- and whether somebody marked it as not worth a look.
CREATE OR REPLACE TEMP TABLE refused AS
SELECT
    judged.bucket, judged.key, judged.seq, judged.member, judged.record_no, judged.etag, judged.source,
    judged.reason_code, judged.stage, judged.detail, judged.sample, judged."rest", judged.size_bytes,
    split_part(judged.rules_version, '.', 1) || '.' || $sources_version AS rules_version,
    coalesce(before.first_seen_at, $now::TIMESTAMP) AS first_seen_at,
    coalesce(before.attempts, 0) + 1 AS attempts,
    coalesce(before.state, 'open') AS state
FROM judged
LEFT JOIN quarantine AS before
    ON before.bucket = judged.bucket AND before.key = judged.key AND before.member = judged.member
    AND before.record_no = judged.record_no AND before.etag = judged.etag AND before.state IN ('open', 'ignored')
WHERE judged.outcome = 'quarantined' OR judged.reason_code = 'gate_stopped';

UPDATE quarantine SET state = 'superseded'
FROM object_verdicts AS verdict
WHERE quarantine.bucket = verdict.bucket AND quarantine.key = verdict.key AND quarantine.state IN ('open', 'ignored')
    AND (quarantine.state = 'open' OR quarantine.etag = verdict.etag)
    AND (verdict.state IN ('loaded', 'partial', 'quarantined') OR verdict.reason_code = 'gate_stopped');
INSERT INTO quarantine BY NAME SELECT * FROM refused;
