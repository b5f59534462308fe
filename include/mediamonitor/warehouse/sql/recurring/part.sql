-- The recurring lines among those that fall into one part of many: on which days each is boilerplate.
-- A line is, on a day, when some window of $window days that holds the day has it in at least $titles articles with
-- different title keys, and in at least $share of the source's articles.
CREATE OR REPLACE TEMP TABLE frequent AS
SELECT source_line  -- one number for both: narrow rows, and what falls together by chance is told apart below
FROM (
    SELECT xor(hash(source), unnest(line_hashes)) AS source_line
    FROM articles
    WHERE is_current AND source <> $unknown AND published_on IN (SELECT published_on FROM looked_at)
)
WHERE source_line % $parts::UBIGINT = $part::UBIGINT  -- as unsigned: DuckDB would use 128 bits
GROUP BY source_line
HAVING count(*) >= $titles;

CREATE OR REPLACE TEMP TABLE line_days AS
SELECT source, line_hash, published_on, title_key, count(*) AS articles, min(article_rowid) AS article_rowid
FROM (
    SELECT source, published_on, title_key, rowid AS article_rowid, unnest(line_hashes) AS line_hash
    FROM articles
    WHERE is_current AND source <> $unknown AND published_on IN (SELECT published_on FROM looked_at)
)
WHERE xor(hash(source), line_hash) IN (SELECT source_line FROM frequent)
GROUP BY source, line_hash, published_on, title_key;
DELETE FROM line_days
WHERE (source, line_hash) NOT IN (SELECT (source, line_hash) FROM line_days GROUP BY source, line_hash HAVING count(DISTINCT title_key) >= $titles);

-- A window is known by its first day. What stands on a day is in the windows that begin on it or up to $window - 1 days
-- before; a title key is counted once in each, at its first day there.
CREATE OR REPLACE TEMP TABLE line_windows AS
WITH keyed AS (
    SELECT
        source, line_hash, published_on,
        lag(published_on) OVER (PARTITION BY source, line_hash, title_key ORDER BY published_on) AS before
    FROM line_days
    WHERE title_key IS NOT NULL
),
steps AS (
    SELECT source, line_hash, greatest(published_on - ($window - 1), coalesce(before + 1, published_on - ($window - 1))) AS first_day, 1 AS titles, 0 AS articles FROM keyed
    UNION ALL
    SELECT source, line_hash, published_on + 1, -1, 0 FROM keyed
    UNION ALL
    SELECT source, line_hash, published_on - ($window - 1), 0, articles FROM line_days
    UNION ALL
    SELECT source, line_hash, published_on + 1, 0, -articles FROM line_days
),
summed AS (SELECT source, line_hash, first_day, sum(titles) AS titles, sum(articles) AS articles FROM steps GROUP BY source, line_hash, first_day),
calendar AS (
    SELECT source, line_hash, unnest(generate_series(min(first_day), max(first_day), INTERVAL 1 DAY))::DATE AS first_day
    FROM summed
    GROUP BY source, line_hash
),
source_steps AS (
    SELECT source, published_on - ($window - 1) AS first_day, articles FROM source_days
    UNION ALL
    SELECT source, published_on + 1, -articles FROM source_days
),
source_summed AS (SELECT source, first_day, sum(articles) AS articles FROM source_steps GROUP BY source, first_day),
source_calendar AS (
    SELECT source, unnest(generate_series(min(first_day), max(first_day), INTERVAL 1 DAY))::DATE AS first_day
    FROM source_summed
    GROUP BY source
),
source_windows AS (
    SELECT source, first_day, sum(coalesce(articles, 0)) OVER (PARTITION BY source ORDER BY first_day) AS articles
    FROM source_calendar
    LEFT JOIN source_summed USING (source, first_day)
    WHERE source IN (SELECT source FROM line_days)
)
SELECT
    source, line_hash, first_day,
    sum(coalesce(summed.titles, 0)) OVER so_far >= $titles
        AND sum(coalesce(summed.articles, 0)) OVER so_far >= $share * source_windows.articles AS recurs
FROM calendar
LEFT JOIN summed USING (source, line_hash, first_day)
JOIN source_windows USING (source, first_day)
WINDOW so_far AS (PARTITION BY source, line_hash ORDER BY first_day);

INSERT INTO fresh_recurring
WITH recurring AS (
    SELECT
        source, line_hash, first_day AS published_on,
        bool_or(recurs) OVER (PARTITION BY source, line_hash ORDER BY first_day ROWS BETWEEN $window - 1 PRECEDING AND CURRENT ROW) AS recurs
    FROM line_windows
)
SELECT source, line_hash, published_on, sum(line_days.articles), min(line_days.article_rowid)
FROM recurring
JOIN line_days USING (source, line_hash, published_on)
WHERE recurring.recurs AND published_on IN (SELECT published_on FROM masked_days)
GROUP BY source, line_hash, published_on;
