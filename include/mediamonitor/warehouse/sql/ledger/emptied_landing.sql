-- Live articles that retract_deleted.sql has just taken out, and objects known before that are still listed (`observed`
-- has what is not). What is ignored by its name is no sign of life.
SELECT
    (SELECT count(*) FROM retracted),
    (
        SELECT count(*) FROM objects
        WHERE is_current AND source_deleted_at IS NULL AND state <> 'ignored' AND bucket = $bucket AND starts_with(key, $prefix)
            AND NOT EXISTS (SELECT 1 FROM observed WHERE observed.key = objects.key AND observed.seq = 1)
    );
