-- The narrow rows that Great Expectations sees. `unmarked_twins` counts the other articles with the same source, title
-- key and content within 7 days that are, like this one, not marked as a duplicate; it is computed from the marks, not
-- with the rule that made them. `row_id` is the row of `staged`.
WITH unmarked AS (
    SELECT candidate.article_id, candidate.source, candidate.title_key, candidate.content_sha256, candidate.published_on
    FROM duplicate_candidates AS candidate
    JOIN duplicate_marks AS mark ON mark.article_id = candidate.article_id
    WHERE mark.duplicate_of IS NULL AND candidate.title_key IS NOT NULL AND candidate.published_on IS NOT NULL
),
twins AS (
    SELECT one.article_id, count(*) AS twins
    FROM unmarked AS one
    JOIN unmarked AS other ON other.source = one.source AND other.title_key = one.title_key AND other.content_sha256 = one.content_sha256
        AND other.article_id <> one.article_id AND abs(other.published_on - one.published_on) <= 7
    GROUP BY one.article_id
)
SELECT
    staged.rowid AS row_id,
    staged.body_chars, staged.body_tail, staged.encoding,
    coalesce(twins.twins, 0) AS unmarked_twins,
    year(staged.published_on) AS published_year,
    date_diff('hour', staged.last_modified, coalesce(staged.published_at, staged.published_on::TIMESTAMP)) AS hours_after_arrival
FROM staged
LEFT JOIN twins ON twins.article_id = staged.article_id
WHERE staged.outcome = 'article';
