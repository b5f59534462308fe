-- Records that the gate holds back, of content that is still in landing; also those that somebody marked as not worth a look.
SELECT DISTINCT quarantine.key, quarantine.member, quarantine.record_no
FROM quarantine
JOIN listing ON listing.key = quarantine.key
WHERE quarantine.bucket = $bucket AND quarantine.state IN ('open', 'ignored') AND quarantine.reason_code = 'gate_stopped'
    AND quarantine.etag = coalesce(listing.etag, listing.size_bytes || '-' || epoch_us(listing.last_modified));
