-- Compare a whole listing (`listing`) with the ledger: what is new, changed, back again, or gone. No time cursor.

-- What was not there when it was to be read, and is listed as it was: the same observation, tried once more.
UPDATE objects SET state = 'waiting', reason_code = NULL, reason = NULL, finished_at = NULL, source_deleted_at = NULL
FROM listing
WHERE objects.bucket = $bucket AND objects.key = listing.key AND objects.is_current AND objects.state = 'vanished'
    AND objects.etag = coalesce(listing.etag, listing.size_bytes || '-' || epoch_us(listing.last_modified));

-- New content: never seen, other content than the current observation, or deleted and now back.
CREATE OR REPLACE TEMP TABLE observed AS
SELECT
    listing.key,
    coalesce(known.seq, 0) + 1 AS seq,
    coalesce(listing.etag, listing.size_bytes || '-' || epoch_us(listing.last_modified)) AS etag,
    listing.size_bytes,
    listing.last_modified AT TIME ZONE 'UTC' AS last_modified,
    CASE
        WHEN ends_with(listing.key, '/') AND listing.size_bytes = 0 THEN 'folder_marker'
        WHEN regexp_matches(listing.key, '(^|/)_(SUCCESS|started|committed|temporary)[^/]*$') THEN 'job_marker'
        WHEN regexp_matches(listing.key, '(^|/)(\.[^/]*|Thumbs\.db|desktop\.ini)$') THEN 'hidden_file'
        WHEN regexp_matches(listing.key, '(\.part|\.partial|\.tmp|\.crdownload|\.crc|~)$') THEN 'temporary_name'
    END AS ignore_rule
FROM listing
LEFT JOIN objects AS known ON known.bucket = $bucket AND known.key = listing.key AND known.is_current
WHERE known.key IS NULL
    OR known.etag <> coalesce(listing.etag, listing.size_bytes || '-' || epoch_us(listing.last_modified))
    OR known.source_deleted_at IS NOT NULL
-- A page that was read twice lists a key twice; the newer one counts.
QUALIFY row_number() OVER (PARTITION BY listing.key ORDER BY listing.last_modified DESC, listing.etag) = 1;

CREATE OR REPLACE TEMP TABLE gone AS
SELECT key, seq
FROM objects
WHERE is_current AND source_deleted_at IS NULL AND bucket = $bucket AND starts_with(key, $prefix)
    AND NOT EXISTS (SELECT 1 FROM listing WHERE listing.key = objects.key);

-- An older observation that was never read is superseded; one that was loaded stays live until the new one is.
UPDATE objects SET
    is_current = false,
    state = CASE WHEN state IN ('waiting', 'deferred') THEN 'superseded' ELSE state END,
    finished_at = coalesce(finished_at, $now::TIMESTAMP)
FROM observed
WHERE objects.bucket = $bucket AND objects.key = observed.key AND objects.is_current;

INSERT INTO objects (bucket, key, seq, is_current, etag, size_bytes, last_modified, state, reason_code, reason, first_seen_at, finished_at, run_id)
SELECT
    $bucket, key, seq, true, etag, size_bytes, last_modified,
    CASE WHEN ignore_rule IS NULL THEN 'waiting' ELSE 'ignored' END,
    ignore_rule,
    CASE WHEN ignore_rule IS NOT NULL THEN 'no article by its name' END,
    $now::TIMESTAMP,
    CASE WHEN ignore_rule IS NOT NULL THEN $now::TIMESTAMP END,
    CASE WHEN ignore_rule IS NOT NULL THEN $run_id END
FROM observed;

-- The ledger says since when an object is gone. Its articles stay (policy `keep`) unless retract_deleted.sql follows.
UPDATE objects SET
    source_deleted_at = $now::TIMESTAMP,
    state = CASE WHEN state IN ('waiting', 'deferred') THEN 'vanished' ELSE state END,
    finished_at = coalesce(finished_at, $now::TIMESTAMP)
FROM gone
WHERE objects.bucket = $bucket AND objects.key = gone.key AND objects.seq = gone.seq;

DELETE FROM listings WHERE bucket = $bucket AND prefix = $prefix;
INSERT INTO listings SELECT $bucket, $prefix, $run_id, (SELECT count(*) FROM listing), $now::TIMESTAMP;

INSERT INTO dirty_days
SELECT NULL, 'ledger' WHERE EXISTS (SELECT 1 FROM observed) OR EXISTS (SELECT 1 FROM gone);
