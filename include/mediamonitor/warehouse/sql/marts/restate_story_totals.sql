-- How many stories there are in each day, week and month that a restated day lies in, over all sources.
CREATE OR REPLACE TEMP TABLE restated_periods AS
SELECT DISTINCT period, date_trunc(period, published_on)::DATE AS starts_on
FROM restated, unnest(['day', 'week', 'month']) AS periods (period);
DELETE FROM story_totals WHERE (period, starts_on) IN (SELECT (period, starts_on) FROM restated_periods);
INSERT INTO story_totals
SELECT period, starts_on, count(DISTINCT story_id)
FROM (
    SELECT period, date_trunc(period, published_on)::DATE AS starts_on, story_id
    FROM articles, unnest(['day', 'week', 'month']) AS periods (period)
    WHERE is_current AND duplicate_of IS NULL
        AND published_on BETWEEN (SELECT min(starts_on) FROM restated_periods) AND (SELECT max(starts_on) + 30 FROM restated_periods)
)
SEMI JOIN restated_periods USING (period, starts_on)
GROUP BY period, starts_on;
