-- One batch into the warehouse; run inside one transaction. `staged` holds its rows (stage_parts.sql), `verdict` what
-- validation took out.

-- The final outcome of each record. An object that could not be read to its end is taken again as a whole.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT
    staged.* EXCLUDE (outcome, reason_code, detail, sample, body_tail),
    CASE WHEN unread.seq IS NULL THEN coalesce(verdict.outcome, staged.outcome) ELSE unread.outcome END AS outcome,
    CASE WHEN unread.seq IS NULL THEN coalesce(verdict.reason_code, staged.reason_code) ELSE unread.reason_code END AS reason_code,
    CASE WHEN unread.seq IS NULL THEN coalesce(verdict.detail, staged.detail) ELSE unread.detail END AS detail,
    coalesce(staged.sample, '') AS sample,
    CASE WHEN verdict.outcome IS NULL THEN 'parse' ELSE 'validate' END AS stage
FROM staged
LEFT JOIN read_parquet($verdict) AS verdict USING (key, seq, member, record_no)
LEFT JOIN (
    SELECT key, seq, min(outcome) AS outcome, min(reason_code) AS reason_code, min(detail) AS detail
    FROM staged
    WHERE outcome IN ('deferred', 'vanished')
    GROUP BY key, seq
) AS unread USING (key, seq);

-- The verdict on each object follows from its records.
CREATE OR REPLACE TEMP TABLE object_verdicts AS
SELECT
    bucket, key, seq, etag, size_bytes, last_modified,
    count(*) FILTER (WHERE outcome = 'article') AS articles,
    CASE
        WHEN count(*) FILTER (WHERE outcome = 'article') = count(*) THEN 'loaded'
        WHEN count(*) FILTER (WHERE outcome = 'article') > 0 THEN 'partial'
        WHEN count(*) FILTER (WHERE outcome = 'deferred') > 0 THEN 'deferred'
        WHEN count(*) FILTER (WHERE outcome = 'vanished') > 0 THEN 'vanished'
        ELSE 'quarantined'
    END AS state,
    -- The gate's reason before any other: it says what to do about the whole object.
    coalesce(min(reason_code) FILTER (WHERE outcome = 'deferred'), min(reason_code) FILTER (WHERE outcome <> 'article')) AS reason_code,
    coalesce(min(detail) FILTER (WHERE outcome = 'deferred'), min(detail) FILTER (WHERE outcome <> 'article')) AS reason,
    bool_or(outcome <> 'article' AND "rest") AS has_rest
FROM judged
GROUP BY bucket, key, seq, etag, size_bytes, last_modified;

-- Older articles of objects that now have good content. A correction that is worse leaves the last good version live,
-- record by record: where the new version refused just that record, or broke off before it.
CREATE OR REPLACE TEMP TABLE replaced AS
SELECT old.article_id, old.version, old.published_on
FROM articles AS old
JOIN object_verdicts AS verdict ON verdict.bucket = old.bucket AND verdict.key = old.key
LEFT JOIN judged AS now_there
    ON now_there.bucket = old.bucket AND now_there.key = old.key AND now_there.member = old.member AND now_there.record_no = old.record_no
WHERE old.is_current AND old.version <> verdict.seq AND verdict.articles > 0
    AND CASE WHEN now_there.outcome IS NULL THEN NOT verdict.has_rest ELSE now_there.outcome = 'article' END;

INSERT INTO dirty_days SELECT DISTINCT published_on, 'correction' FROM replaced;
UPDATE articles SET is_current = false FROM replaced WHERE articles.article_id = replaced.article_id AND articles.version = replaced.version;
DELETE FROM hits USING replaced WHERE hits.article_id = replaced.article_id AND hits.version = replaced.version;

INSERT INTO articles BY NAME
SELECT
    part.article_id, part.seq AS version, true AS is_current, part.bucket, part.key, part.member, part.record_no,
    part.source, part.source_from, part.url, part.title, part.title_key, part.body, part.trailer, part.byline, part.headline_echo,
    part.agency, part.reporters, part.editors, part.language, part.dateline_start, part.dateline_end, part.mojibake_suspected,
    judged.published_at, judged.published_on, judged.date_from, judged.date_precision, judged.keeps_day,
    part.encoding, part.body_chars, part.body_words, part.content_sha256,
    list_distinct(list_transform(
        list_filter(string_split(part.body, chr(10)), lambda line: length(line) BETWEEN 1 AND $longest_line),
        lambda line: md5_number_lower(line)
    )) AS line_hashes,
    -- Matched for another day than it keeps: no list has been applied yet, so that publish matches it again.
    CASE WHEN NOT judged.keeps_day THEN part.watchlist_version END AS watchlist_version,
    part.rules_version, $now::TIMESTAMP AS ingested_at, $run_id AS run_id
FROM read_parquet($parts, file_row_number = true) AS part
JOIN judged ON judged.part_row = part.file_row_number
WHERE judged.outcome = 'article';

INSERT INTO hits
SELECT article_id, seq, published_on, hit.entity_id, hit.alias, hit.zone, hit.start_char, hit.end_char, hit.is_counted, hit.why_not
FROM (
    SELECT part.article_id, part.seq, judged.published_on, unnest(part.hits) AS hit
    FROM (SELECT file_row_number, article_id, seq, hits FROM read_parquet($parts, file_row_number = true)) AS part
    JOIN judged ON judged.part_row = part.file_row_number
    WHERE judged.outcome = 'article'
);

INSERT INTO dirty_days
SELECT DISTINCT judged.published_on, CASE WHEN replaced.article_id IS NULL THEN 'arrival' ELSE 'correction' END
FROM judged
LEFT JOIN replaced USING (article_id)
WHERE judged.outcome = 'article';
-- What still cannot be read is no news.
INSERT INTO dirty_days
SELECT NULL, 'ledger'
WHERE EXISTS (SELECT 1 FROM judged WHERE outcome NOT IN ('deferred', 'vanished') OR reason_code = 'gate_stopped' OR attempts = 1);
