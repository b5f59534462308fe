-- How many objects of this landing are in the ledger and no longer listed; the next ingest writes that down.
SELECT count(*)
FROM objects
WHERE is_current AND source_deleted_at IS NULL AND bucket = $bucket AND starts_with(key, $prefix)
    AND key NOT IN (SELECT key FROM listing);
