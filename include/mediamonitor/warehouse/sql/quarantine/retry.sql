-- What somebody wants taken again, for reopen_objects.sql. Ignored records only where their key is named. What was
-- deferred is taken by every run, so it waits already; what vanished is deleted.
CREATE OR REPLACE TEMP TABLE asked AS
SELECT
    quarantine.bucket, quarantine.key, quarantine.seq, quarantine.member, quarantine.record_no,
    objects.source_deleted_at IS NOT NULL OR quarantine.state = 'vanished' AS is_deleted,
    objects.seq > quarantine.seq OR quarantine.state = 'deferred' AS is_waiting
FROM (
    SELECT bucket, key, seq, member, record_no, source, reason_code, state FROM quarantine
    UNION ALL
    SELECT bucket, key, seq, '', 1, NULL, reason_code, state
    FROM objects WHERE is_current AND state IN ('deferred', 'vanished') AND reason_code <> 'gate_stopped'
) AS quarantine
JOIN objects ON objects.bucket = quarantine.bucket AND objects.key = quarantine.key AND objects.is_current
WHERE (
        quarantine.state IN ('open', 'deferred', 'vanished')
        OR (quarantine.state = 'ignored' AND $key IS NOT NULL AND objects.seq = quarantine.seq)
    )
    AND ($key IS NULL OR quarantine.key = $key OR concat(quarantine.key, ':', quarantine.member, ':', quarantine.record_no) = $key)
    AND ($source IS NULL OR quarantine.source = $source)
    AND ($reason IS NULL OR quarantine.reason_code = $reason OR starts_with(quarantine.reason_code, $reason || ':'));

UPDATE quarantine SET state = 'open'
FROM asked
WHERE quarantine.bucket = asked.bucket AND quarantine.key = asked.key AND quarantine.seq = asked.seq
    AND quarantine.member = asked.member AND quarantine.record_no = asked.record_no AND NOT asked.is_deleted;

CREATE OR REPLACE TEMP TABLE reopened AS
SELECT DISTINCT bucket, key, seq, true AS let_in FROM asked WHERE NOT is_deleted AND NOT is_waiting;

SELECT
    count(DISTINCT (bucket, key)),
    count(DISTINCT (bucket, key)) FILTER (WHERE is_deleted),
    count(DISTINCT (bucket, key)) FILTER (WHERE is_waiting AND NOT is_deleted)
FROM asked;
