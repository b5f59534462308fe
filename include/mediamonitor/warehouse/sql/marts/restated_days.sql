-- The days to compute again, with the first cause that applies; run inside the transaction that consumes the marks.
CREATE OR REPLACE TEMP TABLE restated AS
WITH causes AS (
    SELECT
        marks.published_on,
        min(CASE marks.cause WHEN 'watchlist' THEN 1 WHEN 'rules' THEN 2 WHEN 'deletion' THEN 3 WHEN 'correction' THEN 4 WHEN 'arrival' THEN 5 WHEN 'cluster' THEN 6 WHEN 'boilerplate' THEN 7 WHEN 'closed' THEN 8 ELSE 9 END) AS first_cause
    FROM dirty_days AS marks
    WHERE marks.published_on IS NOT NULL
    GROUP BY marks.published_on
)
SELECT
    causes.published_on,
    CASE
        WHEN before.published_on IS NULL THEN 'new'
        WHEN causes.first_cause = 1 THEN 'watchlist'
        WHEN causes.first_cause = 2 THEN 'rules'
        WHEN causes.first_cause = 3 THEN 'deletion'
        WHEN causes.first_cause = 4 THEN 'correction'
        WHEN causes.first_cause = 5 AND before.was_final THEN 'late'
        WHEN causes.first_cause = 5 THEN 'new'
        WHEN causes.first_cause = 6 THEN 'cluster'
        WHEN causes.first_cause = 7 THEN 'boilerplate'
        WHEN causes.first_cause = 8 THEN 'closed'
        ELSE 'requested'
    END AS cause
FROM causes
LEFT JOIN (SELECT published_on, bool_or(is_final) AS was_final FROM publications GROUP BY published_on) AS before USING (published_on);

SELECT count(*) FROM dirty_days;
