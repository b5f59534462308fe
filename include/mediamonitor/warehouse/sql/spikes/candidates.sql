-- Which entities may stand out on the days $first to $last, and the series that decides it (spike_series), with a first fit.

-- What the sources that take part say of them on the day.
CREATE OR REPLACE TEMP TABLE spike_candidates AS
SELECT
    looks.day, looks.entity_id, looks.articles_total, sum(counts.articles)::BIGINT AS articles, count(*) AS sources,
    count(DISTINCT taking.owner) AS owners
FROM mention_counts AS counts
JOIN spike_looks AS looks ON looks.day = counts.published_on AND looks.entity_id = counts.entity_id
JOIN spike_taking AS taking ON taking.day = counts.published_on AND taking.source = counts.source
WHERE counts.published_on BETWEEN $first::DATE AND $last::DATE AND counts.articles > 0
GROUP BY looks.day, looks.entity_id, looks.articles_total
HAVING sum(counts.articles) >= $least_articles AND count(DISTINCT taking.owner) >= $least_owners;

-- The days before, over the same sources.
CREATE OR REPLACE TEMP TABLE spike_before AS
SELECT taking.day, cells.published_on, taking.source, taking.articles AS articles_today, cells.articles
FROM spike_taking AS taking
JOIN spike_cells AS cells ON cells.source = taking.source AND cells.published_on BETWEEN taking.day - $window::INTEGER AND taking.day - 1
WHERE taking.day IN (SELECT day FROM spike_candidates);
CREATE OR REPLACE TEMP TABLE spike_sums AS
WITH named AS MATERIALIZED ( -- few rows, which the planner does not foresee
    SELECT candidates.day, candidates.entity_id, counts.published_on, counts.source, counts.articles
    FROM mention_counts AS counts
    JOIN spike_candidates AS candidates ON candidates.entity_id = counts.entity_id
        AND counts.published_on BETWEEN candidates.day - $window::INTEGER AND candidates.day - 1
    WHERE counts.published_on BETWEEN $first::DATE - $window::INTEGER AND $last::DATE - 1
)
SELECT named.day, named.entity_id, named.published_on, named.source, sum(named.articles)::BIGINT AS articles
FROM named
SEMI JOIN spike_before AS before ON before.day = named.day AND before.published_on = named.published_on AND before.source = named.source
GROUP BY GROUPING SETS ((named.day, named.entity_id, named.published_on), (named.day, named.entity_id, named.source));

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
