-- The score of each candidate against what its series lets expect, doubt about the baseline included; who stands out.
-- Rounded, since sums of fractions depend on their order in the last digits.
INSERT INTO raised_days BY NAME
WITH usual AS (
    SELECT
        day, entity_id, any_value(dispersion) AS dispersion,
        -- Of the same weekday; where none is known, of all days.
        coalesce(max(expected / articles_total) FILTER (age % 7 = 0), sum(expected) / sum(articles_total)) AS share,
        coalesce(max(weekday_weight) FILTER (age % 7 = 0), $weekday_prior) AS weight
    FROM spike_series
    GROUP BY day, entity_id
),
judged AS (
    SELECT
        candidates.*, usual.dispersion, usual.weight, usual.share * coalesce(mixtures.mixture, 1) AS baseline_share,
        usual.share * coalesce(mixtures.mixture, 1) * candidates.articles_total AS mean
    FROM spike_candidates AS candidates
    JOIN usual USING (day, entity_id)
    LEFT JOIN spike_mixtures AS mixtures USING (day, entity_id)
)
SELECT
    day AS published_on, entity_id, articles / articles_total AS share, round(baseline_share, 9) AS baseline_share,
    round(residual(articles, mean, dispersion + (1 + dispersion * mean) / weight), 4) AS score,
    sources, owners, articles
FROM judged
WHERE round(residual(articles, mean, dispersion + (1 + dispersion * mean) / weight), 4) >= $threshold;
