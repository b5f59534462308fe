-- Live articles of an older version, kept because the newer one, which is in landing, refused them.
SELECT articles.key, count(*) AS articles
FROM articles
JOIN objects AS read_from ON read_from.bucket = articles.bucket AND read_from.key = articles.key AND read_from.seq = articles.version
JOIN objects AS last ON last.bucket = articles.bucket AND last.key = articles.key AND last.is_current
JOIN listing ON listing.key = articles.key
WHERE articles.is_current AND articles.bucket = $bucket AND last.etag <> read_from.etag
    AND last.etag = coalesce(listing.etag, listing.size_bytes || '-' || epoch_us(listing.last_modified))
    AND last.finished_at IS NOT NULL
GROUP BY articles.key
ORDER BY ALL;
