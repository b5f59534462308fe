-- The staged parts of the batches that still wait, as one narrow table (no text): `staged`, one row per record.
-- Rows whose object has a newer observation, or a verdict already, are left out: any task may run twice.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT
    part.bucket, part.key, part.seq, part.member, part.record_no, part.etag, part.size_bytes,
    part.last_modified AT TIME ZONE 'UTC' AS last_modified,
    part.outcome, part.reason_code, part.detail, part.sample, coalesce(part.rest, false) AS "rest", part.source,
    part.article_id, part.title_key, part.content_sha256, part.encoding, part.body_chars, part.body_tail,
    part.watchlist_version, part.rules_version,
    -- A correction without a date of its own keeps the day of the version before (contract §2).
    kept.article_id IS NOT NULL AS keeps_day,
    CASE WHEN kept.article_id IS NULL THEN part.published_on ELSE kept.published_on END AS published_on,
    CASE WHEN kept.article_id IS NULL THEN part.published_at AT TIME ZONE 'UTC' ELSE kept.published_at END AS published_at,
    CASE WHEN kept.article_id IS NULL THEN part.date_from ELSE kept.date_from END AS date_from,
    CASE WHEN kept.article_id IS NULL THEN part.date_precision ELSE kept.date_precision END AS date_precision,
    objects.batch_id, objects.attempts, objects.let_in,
    -- The row in its part: of one part alone, a short key to join its texts by.
    part.file_row_number AS part_row
FROM (
    -- The join below must be a plain equality, or it compares every record with every article.
    SELECT *, CASE WHEN outcome = 'article' AND (date_from IS NULL OR date_from = 'last_modified') THEN article_id END AS undated_article_id
    FROM read_parquet($parts, file_row_number = true)
) AS part
JOIN objects ON objects.bucket = part.bucket AND objects.key = part.key AND objects.seq = part.seq
    AND objects.is_current AND objects.state = 'waiting' AND objects.run_id = $run_id
LEFT JOIN articles AS kept ON kept.article_id = part.undated_article_id AND kept.is_current AND kept.published_on IS NOT NULL;
