-- Which entities may stand out on the days $days, and the series that decides it (spike_series), with a first fit.

-- The signed root of the deviance of a count, given its mean and its dispersion (variance = mean + dispersion * mean²).
CREATE OR REPLACE TEMP MACRO residual(n, mean, dispersion) AS
sign(n - mean) * sqrt(greatest(0, 2 * (CASE WHEN n > 0 THEN n * ln(n / mean) ELSE 0 END - (n + 1 / dispersion) * ln((1 + dispersion * n) / (1 + dispersion * mean)))));

-- Closed cells with articles whose days are their own. A source takes part on a day if the same weekdays know it.
CREATE OR REPLACE TEMP TABLE spike_cells AS
SELECT
    published_on, source, coverage.articles, coalesce(sources.owner, source) AS owner,
    list_contains($days::DATE[], published_on) AND count(*) OVER same_weekdays >= $least_weekdays AS takes_part
FROM coverage
LEFT JOIN sources USING (source)
WHERE published_on BETWEEN $first::DATE - $window::INTEGER AND $last::DATE
    AND status IN ('complete', 'partial') AND coverage.articles > 0 AND 2 * dated_by_arrival <= coverage.articles
WINDOW same_weekdays AS (PARTITION BY source, isodow(published_on) ORDER BY published_on RANGE BETWEEN to_days($window::INTEGER) PRECEDING AND INTERVAL 1 DAY PRECEDING);

CREATE OR REPLACE TEMP TABLE spike_taking AS SELECT published_on AS day, source, articles, owner FROM spike_cells WHERE takes_part;
CREATE OR REPLACE TEMP TABLE spike_candidates AS
SELECT counts.published_on AS day, counts.entity_id, sum(counts.articles)::BIGINT AS articles, count(*) AS sources, count(DISTINCT taking.owner) AS owners
FROM mention_counts AS counts
JOIN spike_taking AS taking ON taking.day = counts.published_on AND taking.source = counts.source
WHERE counts.published_on BETWEEN $first::DATE AND $last::DATE AND counts.articles > 0
GROUP BY counts.published_on, counts.entity_id
HAVING sum(counts.articles) >= $least_articles AND count(DISTINCT taking.owner) >= $least_owners;

-- A cheap look leaves out what cannot score: against the median of the weeks and that of the same weekdays.
CREATE OR REPLACE TEMP TABLE spike_candidates AS
WITH totals AS (
    SELECT published_on, sum(articles) AS articles FROM spike_cells GROUP BY published_on
),
sums AS (
    SELECT counts.published_on, counts.entity_id, sum(counts.articles) AS articles
    FROM mention_counts AS counts
    SEMI JOIN spike_cells AS cells ON cells.published_on = counts.published_on AND cells.source = counts.source
    WHERE counts.published_on BETWEEN $first::DATE - $window::INTEGER AND $last::DATE
    GROUP BY counts.published_on, counts.entity_id
),
day_totals AS (
    SELECT day, sum(articles)::BIGINT AS articles FROM spike_taking GROUP BY day
),
before AS (
    SELECT day_totals.day, totals.published_on, totals.articles, day_totals.day - totals.published_on AS age
    FROM day_totals
    JOIN totals ON totals.published_on BETWEEN day_totals.day - $window::INTEGER AND day_totals.day - 1
),
weeks AS (
    SELECT
        candidates.day, candidates.entity_id,
        (coalesce(sum(sums.articles), 0) + 0.5) / sum(before.articles) AS week_share,
        max((coalesce(sums.articles, 0) + 0.5) / before.articles) FILTER (before.age % 7 = 0) AS weekday_share
    FROM spike_candidates AS candidates
    JOIN entities USING (entity_id)
    JOIN before ON before.day = candidates.day AND before.published_on >= coalesce(entities.active_from, before.published_on)
    LEFT JOIN sums ON sums.published_on = before.published_on AND sums.entity_id = candidates.entity_id
    GROUP BY candidates.day, candidates.entity_id, (before.age - 1) // 7
)
SELECT candidates.*, day_totals.articles AS articles_total
FROM spike_candidates AS candidates
JOIN day_totals USING (day)
JOIN (SELECT day, entity_id, least(median(week_share), median(weekday_share)) AS share FROM weeks GROUP BY day, entity_id) AS usual USING (day, entity_id)
WHERE residual(candidates.articles, usual.share * day_totals.articles, $least_dispersion) >= $threshold - 0.5;

-- The days before, over the same sources.
CREATE OR REPLACE TEMP TABLE spike_before AS
SELECT taking.day, cells.published_on, taking.source, taking.articles AS articles_today, cells.articles
FROM spike_taking AS taking
JOIN spike_cells AS cells ON cells.source = taking.source AND cells.published_on BETWEEN taking.day - $window::INTEGER AND taking.day - 1
WHERE taking.day IN (SELECT day FROM spike_candidates);
CREATE OR REPLACE TEMP TABLE spike_sums AS
SELECT candidates.day, candidates.entity_id, counts.published_on, counts.source, sum(counts.articles)::BIGINT AS articles
FROM mention_counts AS counts
JOIN spike_candidates AS candidates ON candidates.entity_id = counts.entity_id
    AND counts.published_on BETWEEN candidates.day - $window::INTEGER AND candidates.day - 1
JOIN spike_before AS before ON before.day = candidates.day AND before.published_on = counts.published_on AND before.source = counts.source
WHERE counts.published_on BETWEEN $first::DATE - $window::INTEGER AND $last::DATE - 1
GROUP BY GROUPING SETS ((candidates.day, candidates.entity_id, counts.published_on), (candidates.day, candidates.entity_id, counts.source));

-- What today's mixture of sources lets expect, over what it would let expect if each brought its usual part.
CREATE OR REPLACE TEMP TABLE spike_mixtures AS
WITH brought AS (
    SELECT day, source, any_value(articles_today) AS articles_today, sum(articles) AS articles FROM spike_before GROUP BY day, source
),
pooled AS (
    SELECT candidates.day, candidates.entity_id, coalesce(sums.articles, 0) / totals.articles AS share
    FROM spike_candidates AS candidates
    JOIN (SELECT day, sum(articles) AS articles FROM brought GROUP BY day) AS totals USING (day)
    LEFT JOIN (SELECT day, entity_id, sum(articles) AS articles FROM spike_sums WHERE source IS NULL GROUP BY day, entity_id) AS sums USING (day, entity_id)
)
SELECT
    pooled.day, pooled.entity_id,
    sum(brought.articles_today * (coalesce(sums.articles, 0) + $drawn_to_all * pooled.share) / (brought.articles + $drawn_to_all)) / (pooled.share * sum(brought.articles_today)) AS mixture
FROM pooled
JOIN brought USING (day)
LEFT JOIN spike_sums AS sums ON sums.day = pooled.day AND sums.entity_id = pooled.entity_id AND sums.source = brought.source
WHERE pooled.share > 0
GROUP BY pooled.day, pooled.entity_id, pooled.share;

-- The series, and as a first fit the median of the weeks and a dispersion from the median of the squares.
CREATE OR REPLACE TEMP TABLE spike_series AS
WITH totals AS (
    SELECT day, published_on, sum(articles)::BIGINT AS articles_total FROM spike_before GROUP BY day, published_on
),
series AS (
    SELECT
        candidates.day, candidates.entity_id, totals.published_on, candidates.day - totals.published_on AS age,
        coalesce(sums.articles, 0) AS articles, totals.articles_total,
        count(*) OVER (PARTITION BY candidates.day, candidates.entity_id) AS days
    FROM spike_candidates AS candidates
    JOIN entities USING (entity_id)
    JOIN totals ON totals.day = candidates.day AND totals.published_on >= coalesce(entities.active_from, totals.published_on)
    LEFT JOIN spike_sums AS sums ON sums.day = candidates.day AND sums.entity_id = candidates.entity_id AND sums.published_on = totals.published_on
),
levels AS (
    SELECT day, entity_id, median(share) AS share
    FROM (
        SELECT day, entity_id, (sum(articles) + 0.5) / sum(articles_total) AS share FROM series GROUP BY day, entity_id, (age - 1) // 7
    )
    GROUP BY day, entity_id
),
spread AS (
    SELECT
        day, entity_id, avg(share * articles_total) AS mean,
        median((articles - share * articles_total) ** 2 / (share * articles_total)) / 0.455 AS ratio -- 0.455: the median of chi-squared with one degree
    FROM series
    JOIN levels USING (day, entity_id)
    GROUP BY day, entity_id
)
SELECT
    series.*, levels.share * series.articles_total AS expected, 0.0::DOUBLE AS weekday_weight,
    greatest($least_dispersion, (spread.ratio - 1) / spread.mean) AS dispersion
FROM series
JOIN levels USING (day, entity_id)
JOIN spread USING (day, entity_id)
WHERE series.days >= $least_days;
