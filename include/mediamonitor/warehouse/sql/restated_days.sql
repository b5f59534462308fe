-- The days to compute again, with the first cause that applies; run inside the transaction that consumes the marks.
CREATE OR REPLACE TEMP TABLE restated AS
WITH causes AS (
    SELECT
        marks.published_on,
        min(CASE marks.cause WHEN 'watchlist' THEN 1 WHEN 'rules' THEN 2 WHEN 'correction' THEN 3 WHEN 'arrival' THEN 4 WHEN 'closed' THEN 5 ELSE 6 END) AS first_cause
    FROM dirty_days AS marks
    WHERE marks.published_on IS NOT NULL
    GROUP BY marks.published_on
)
SELECT
    causes.published_on,
    CASE causes.first_cause
        WHEN 1 THEN 'watchlist' WHEN 2 THEN 'rules' WHEN 3 THEN 'correction'
        WHEN 4 THEN CASE WHEN EXISTS (SELECT 1 FROM publications WHERE publications.published_on = causes.published_on AND is_final) THEN 'late' ELSE 'new' END
        WHEN 5 THEN 'closed' ELSE 'requested'
    END AS cause
FROM causes;

SELECT (SELECT count(*) FROM dirty_days), (SELECT count(*) FROM restated);
