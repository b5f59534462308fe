-- Articles to compare, all of one day, as a load leaves them but for what the comparison does not look at.
INSERT INTO articles BY NAME
SELECT
    *, 1 AS version, true AS is_current, 'evaluation' AS bucket, article_id AS key, '' AS member, 1 AS record_no,
    'evaluation' AS source, 'metadata' AS source_from, 'utf-8' AS encoding, length(body) AS body_chars, 0 AS body_words,
    sha256(body) AS content_sha256, DATE '2026-01-01' AS published_on, '' AS watchlist_version, '' AS rules_version,
    TIMESTAMP '2026-01-01' AS ingested_at, 'evaluation' AS run_id
FROM compared;
