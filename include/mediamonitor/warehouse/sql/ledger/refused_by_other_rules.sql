-- Objects to take again by themselves: refused with other rules or another `sources.yaml` than now, or stopped by the
-- gate and accepted (`$accept`: sources, or `*`). What somebody ignores is left alone. Old failures must not stop the
-- new files of their source, so the gate judges only sources that it holds back already.
CREATE OR REPLACE TEMP TABLE reopened AS
WITH refusals AS (
    SELECT
        objects.bucket, objects.key, objects.seq,
        quarantine.rules_version <> $reading_version AS by_other_rules,
        quarantine.reason_code = 'gate_stopped' AND (quarantine.source IN (SELECT unnest($accept)) OR '*' IN (SELECT unnest($accept))) AS accepted,
        quarantine.source IN (SELECT source FROM quarantine WHERE state = 'open' AND reason_code = 'gate_stopped') AS held_back
    FROM quarantine
    JOIN objects ON objects.bucket = quarantine.bucket AND objects.key = quarantine.key AND objects.seq = quarantine.seq
    WHERE quarantine.state = 'open' AND objects.is_current AND objects.source_deleted_at IS NULL
        AND objects.bucket = $bucket AND starts_with(objects.key, $prefix)
        AND (objects.state IN ('quarantined', 'partial') OR objects.reason_code = 'gate_stopped')
)
SELECT bucket, key, seq, bool_or(accepted) OR NOT bool_or(held_back) AS let_in
FROM refusals
GROUP BY bucket, key, seq
HAVING bool_or(accepted OR by_other_rules);
