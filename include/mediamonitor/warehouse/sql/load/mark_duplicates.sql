-- Who is a duplicate of whom among `duplicate_candidates` (contract §3): same source, title key and content, at most
-- 7 days after an earlier counted article. A function of the set: the order of arrival does not matter.

-- Most articles share their key with no other. They are told by a short hash, since DuckDB's windows do not leave memory
-- for disk, and a million and a half of the long keys do not fit.
CREATE OR REPLACE TEMP TABLE repeated_keys AS
SELECT hash(source, title_key, content_sha256) AS key_hash
FROM duplicate_candidates
WHERE published_on IS NOT NULL AND title_key IS NOT NULL
GROUP BY key_hash
HAVING count(*) > 1;

CREATE OR REPLACE TEMP TABLE found_duplicates AS
WITH RECURSIVE ranked AS (
    SELECT
        article_id, source, title_key, content_sha256, published_on,
        row_number() OVER (PARTITION BY source, title_key, content_sha256 ORDER BY published_on, published_at NULLS LAST, article_id) AS place
    FROM duplicate_candidates
    WHERE published_on IS NOT NULL AND title_key IS NOT NULL
        AND hash(source, title_key, content_sha256) IN (SELECT key_hash FROM repeated_keys)
    QUALIFY count(*) OVER (PARTITION BY source, title_key, content_sha256) > 1
),
-- The counted ones: the first of a group, then each first that lies more than 7 days after the last counted one.
counted AS (
    SELECT source, title_key, content_sha256, article_id, published_on, place FROM ranked WHERE place = 1
    UNION ALL
    SELECT ranked.source, ranked.title_key, ranked.content_sha256, arg_min(ranked.article_id, ranked.place), arg_min(ranked.published_on, ranked.place), min(ranked.place)
    FROM counted
    JOIN ranked USING (source, title_key, content_sha256)
    WHERE ranked.published_on > counted.published_on + 7
    GROUP BY ranked.source, ranked.title_key, ranked.content_sha256
)
SELECT ranked.article_id, arg_max(counted.article_id, counted.place) AS duplicate_of
FROM ranked
JOIN counted ON counted.source = ranked.source AND counted.title_key = ranked.title_key AND counted.content_sha256 = ranked.content_sha256
    AND counted.place < ranked.place
WHERE ranked.article_id NOT IN (SELECT article_id FROM counted)
GROUP BY ranked.article_id;

CREATE OR REPLACE TEMP TABLE duplicate_marks AS
SELECT candidate.article_id, candidate.published_on, found.duplicate_of
FROM duplicate_candidates AS candidate
LEFT JOIN found_duplicates AS found USING (article_id);
