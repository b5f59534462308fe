-- Every object that is listed now (`listing`), by its one state; `new` is one that no complete listing has shown yet.
SELECT coalesce(known.state, 'new') AS state, count(*) AS objects
FROM listing
LEFT JOIN objects AS known
    ON known.bucket = $bucket AND known.key = listing.key AND known.is_current AND known.source_deleted_at IS NULL
    AND known.etag = coalesce(listing.etag, listing.size_bytes || '-' || epoch_us(listing.last_modified))
GROUP BY ALL
ORDER BY ALL;
