-- What somebody wants taken again, for reopen_objects.sql. Ignored records only where their key is named.
CREATE OR REPLACE TEMP TABLE asked AS
SELECT
    quarantine.bucket, quarantine.key, quarantine.seq, quarantine.member, quarantine.record_no,
    objects.source_deleted_at IS NOT NULL AS is_deleted,
    objects.seq > quarantine.seq AS is_waiting
FROM quarantine
JOIN objects ON objects.bucket = quarantine.bucket AND objects.key = quarantine.key AND objects.is_current
WHERE (quarantine.state = 'open' OR (quarantine.state = 'ignored' AND quarantine.key = $key AND objects.seq = quarantine.seq))
    AND ($key IS NULL OR quarantine.key = $key) AND ($source IS NULL OR quarantine.source = $source)
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
