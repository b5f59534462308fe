-- Live articles that retract_deleted.sql has just taken out, and objects still listed that are not ignored by their name.
SELECT
    (SELECT count(*) FROM retracted),
    (
        SELECT count(*) FROM objects
        WHERE is_current AND source_deleted_at IS NULL AND state <> 'ignored' AND bucket = $bucket AND starts_with(key, $prefix)
    );
