-- One round of the fit: days that stood out themselves weigh less, then level, weekdays and dispersion anew.
CREATE OR REPLACE TEMP TABLE spike_series AS
WITH weighed AS (
    SELECT *, least(1, ($outlier / greatest(residual(articles, expected, dispersion), 0.001)) ** 4) AS weight FROM spike_series
),
levels AS (
    SELECT
        *,
        (sum(weight * articles) OVER entity + 0.5) / sum(weight * articles_total) OVER entity AS share,
        sum(weight * articles) OVER weekday AS weekday_articles,
        sum(weight * articles_total) OVER weekday AS weekday_total
    FROM weighed
    WINDOW entity AS (PARTITION BY day, entity_id), weekday AS (PARTITION BY day, entity_id, age % 7)
),
fitted AS (
    SELECT *, share * articles_total * ($weekday_prior + weekday_articles) / ($weekday_prior + share * weekday_total) AS fit FROM levels
)
SELECT
    day, entity_id, published_on, age, articles, articles_total, days, fit AS expected, $weekday_prior + weekday_articles AS weekday_weight,
    -- Seven weekdays were fitted to `days` numbers, so that their squares are too small.
    greatest($least_dispersion, sum(weight * ((articles - fit) ** 2 * days / (days - 7) - fit)) OVER entity / sum(weight * fit ** 2) OVER entity) AS dispersion
FROM fitted
WINDOW entity AS (PARTITION BY day, entity_id);
