-- Who is a duplicate of whom among `duplicate_candidates` (contract §3): same source, title key and content, at most
-- 7 days after an earlier counted article. A function of the set: the order of arrival does not matter.
CREATE OR REPLACE TEMP TABLE duplicate_marks AS
WITH RECURSIVE ranked AS (
    SELECT
        article_id, source, title_key, content_sha256, published_on,
        row_number() OVER (PARTITION BY source, title_key, content_sha256 ORDER BY published_on, published_at NULLS LAST, article_id) AS place
    FROM duplicate_candidates
    WHERE published_on IS NOT NULL AND title_key IS NOT NULL
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
SELECT
    candidate.article_id,
    candidate.published_on,
    arg_max(counted.article_id, counted.place) FILTER (WHERE counted.place < ranked.place AND own.article_id IS NULL) AS duplicate_of
FROM duplicate_candidates AS candidate
LEFT JOIN ranked USING (article_id)
LEFT JOIN counted ON counted.source = ranked.source AND counted.title_key = ranked.title_key AND counted.content_sha256 = ranked.content_sha256
LEFT JOIN counted AS own ON own.article_id = candidate.article_id
GROUP BY candidate.article_id, candidate.published_on;
