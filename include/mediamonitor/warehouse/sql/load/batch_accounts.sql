-- One row per batch (`reported`: what extract said it wrote): objects handed out against objects that came back, and
-- records written against records that have one of the known outcomes (loaded + quarantined + deferred).
SELECT
    reported.batch_id,
    count(DISTINCT (claimed.key, claimed.seq)) FILTER (WHERE claimed.key IS NOT NULL) AS objects_in,
    count(DISTINCT (staged.key, staged.seq)) FILTER (WHERE staged.key IS NOT NULL) AS objects_out,
    reported.rows_in,
    any_value(parts.rows_out) AS rows_out
FROM reported
LEFT JOIN objects AS claimed
    ON claimed.run_id = $run_id AND claimed.batch_id = reported.batch_id AND claimed.is_current AND claimed.state = 'waiting'
LEFT JOIN staged ON staged.bucket = claimed.bucket AND staged.key = claimed.key AND staged.seq = claimed.seq
LEFT JOIN (
    SELECT filename, count(*) FILTER (WHERE outcome IN ('article', 'quarantined', 'deferred', 'vanished')) AS rows_out
    FROM read_parquet($parts, filename = true)
    GROUP BY filename
) AS parts ON parts.filename = reported.part
GROUP BY reported.batch_id, reported.rows_in
ORDER BY reported.batch_id;
