-- Sums over the days in spike_days ($first to $last) and the $window days before each of them.

-- The signed root of the deviance of a count, given its mean and its dispersion (variance = mean + dispersion * mean²).
CREATE OR REPLACE TEMP MACRO residual(n, mean, dispersion) AS
sign(n - mean) * sqrt(greatest(0, 2 * (CASE WHEN n > 0 THEN n * ln(n / mean) ELSE 0 END - (n + 1 / dispersion) * ln((1 + dispersion * n) / (1 + dispersion * mean)))));

-- Closed cells with articles whose days are their own. A source takes part on a day if the same weekdays know it.
CREATE OR REPLACE TEMP TABLE spike_cells AS
SELECT published_on, source, articles, owner, published_on IN (SELECT published_on FROM spike_days) AND weekdays >= $least_weekdays AS takes_part
FROM (
    SELECT published_on, source, coverage.articles, coalesce(sources.owner, source) AS owner, count(*) OVER same_weekdays AS weekdays
    FROM coverage
    LEFT JOIN sources USING (source)
    WHERE published_on BETWEEN $first::DATE - $window::INTEGER AND $last::DATE
        AND status IN ('complete', 'partial') AND coverage.articles > 0 AND 2 * dated_by_arrival <= coverage.articles
    WINDOW same_weekdays AS (PARTITION BY source, isodow(published_on) ORDER BY published_on RANGE BETWEEN to_days($window::INTEGER) PRECEDING AND INTERVAL 1 DAY PRECEDING)
);
CREATE OR REPLACE TEMP TABLE spike_taking AS SELECT published_on AS day, source, articles, owner FROM spike_cells WHERE takes_part;

-- A cheap look leaves out what cannot score: all sources of a day together against the median of the days before and
-- that of the same weekdays. An entity that is not watched on a day has no share there.
CREATE OR REPLACE TEMP TABLE spike_looks AS
WITH totals AS (
    SELECT published_on, sum(articles)::BIGINT AS articles_total, sum(articles) FILTER (takes_part)::BIGINT AS taking FROM spike_cells GROUP BY published_on
),
sums AS (
    SELECT counts.published_on, counts.entity_id, sum(counts.articles)::BIGINT AS articles
    FROM mention_counts AS counts
    SEMI JOIN spike_cells AS cells ON cells.published_on = counts.published_on AND cells.source = counts.source
    WHERE counts.published_on BETWEEN $first::DATE - $window::INTEGER AND $last::DATE
    GROUP BY counts.published_on, counts.entity_id
),
shares AS (
    SELECT
        totals.published_on, entities.entity_id, coalesce(sums.articles, 0) AS articles, totals.taking,
        (coalesce(sums.articles, 0) + 0.5) / totals.articles_total AS share
    FROM totals
    JOIN entities ON totals.published_on >= coalesce(entities.active_from, totals.published_on)
    LEFT JOIN sums ON sums.published_on = totals.published_on AND sums.entity_id = entities.entity_id
)
SELECT
    published_on AS day, entity_id, articles, taking AS articles_total,
    least(median(share) OVER before, median(share) OVER same_weekdays) AS usual_share
FROM shares
WINDOW
    before AS (PARTITION BY entity_id ORDER BY published_on RANGE BETWEEN to_days($window::INTEGER) PRECEDING AND INTERVAL 1 DAY PRECEDING),
    same_weekdays AS (PARTITION BY entity_id, isodow(published_on) ORDER BY published_on RANGE BETWEEN to_days($window::INTEGER) PRECEDING AND INTERVAL 1 DAY PRECEDING);
CREATE OR REPLACE TEMP TABLE spike_looks AS
SELECT day, entity_id, articles_total
FROM spike_looks
WHERE articles_total > 0 AND articles >= $least_articles AND residual(articles, usual_share * articles_total, $least_dispersion) >= $threshold - 0.5;
