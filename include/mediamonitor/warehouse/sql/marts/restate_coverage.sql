-- Coverage: a row for every source and day from its first article to the newest day of any source, and what was to be
-- expected. A day that comes late changes what is expected of the eight weeks after it, so that is worked out anew for all;
-- what was received is read only of the restated days. Every article has the given versions since the recount, but for what
-- its file was read with; a day that is still dirty, which the next publication restates, keeps those it was counted with.
CREATE OR REPLACE TEMP TABLE coverage_before AS SELECT * FROM coverage WHERE published_on IS NOT NULL;
DELETE FROM coverage;
INSERT INTO coverage BY NAME
WITH fresh AS (
    SELECT source, published_on, story_id, duplicate_of, date_precision, watchlist_version, rules_version
    FROM articles
    WHERE is_current AND published_on IN (SELECT published_on FROM restated)
),
kept AS (
    SELECT *, published_on IN (SELECT published_on FROM dirty_days WHERE published_on IS NOT NULL) AS is_dirty
    FROM coverage_before
    WHERE articles + duplicates > 0 AND published_on NOT IN (SELECT published_on FROM restated)
),
received AS (
    SELECT
        source, published_on,
        count(*) FILTER (WHERE duplicate_of IS NULL) AS articles,
        count(*) FILTER (WHERE duplicate_of IS NOT NULL) AS duplicates,
        count(*) FILTER (WHERE duplicate_of IS NULL AND date_precision = 'arrival') AS dated_by_arrival,
        $watchlist_version AS watchlist_version,
        CASE WHEN min(rules_version) = max(rules_version) THEN min(rules_version) ELSE 'mixed' END AS rules_version
    FROM fresh
    GROUP BY source, published_on
    UNION ALL
    SELECT
        source, published_on, articles, duplicates, dated_by_arrival,
        CASE WHEN is_dirty THEN watchlist_version ELSE $watchlist_version END,
        CASE WHEN is_dirty OR rules_version = 'mixed' THEN rules_version ELSE split_part(rules_version, '.', 1) || '.' || split_part($rules_version, '.', 2) END
    FROM kept
),
-- Apart from the rest, since to tell stories apart takes more memory.
told AS (
    SELECT source, published_on, count(*) AS stories
    FROM (SELECT DISTINCT source, published_on, story_id FROM fresh WHERE duplicate_of IS NULL)
    GROUP BY source, published_on
    UNION ALL
    SELECT source, published_on, stories FROM kept
),
calendar AS (
    SELECT source, unnest(generate_series(min(published_on), (SELECT max(published_on) FROM received), INTERVAL 1 DAY))::DATE AS published_on
    FROM received
    GROUP BY source
),
days AS (
    SELECT
        calendar.published_on, calendar.source,
        received.source IS NOT NULL AS is_received,
        coalesce(received.articles, 0) AS articles,
        coalesce(told.stories, 0) AS stories,
        coalesce(received.duplicates, 0) AS duplicates,
        coalesce(received.dated_by_arrival, 0) AS dated_by_arrival,
        coalesce(2 * received.dated_by_arrival > received.articles, false) AS is_by_arrival,
        calendar.published_on::TIMESTAMP + to_seconds($close_seconds) > $now::TIMESTAMP AS is_open,
        -- A day without articles says that a source rests on that weekday where it is heard of on the days around.
        bool_or(received.source IS NOT NULL) OVER (
            PARTITION BY calendar.source ORDER BY calendar.published_on ROWS BETWEEN $alive_days PRECEDING AND $alive_days FOLLOWING
        ) AS is_alive,
        received.watchlist_version, received.rules_version
    FROM calendar
    LEFT JOIN received USING (source, published_on)
    LEFT JOIN told USING (source, published_on)
),
expected AS (
    SELECT days.source, days.published_on, median(past.articles) AS articles
    FROM (SELECT source, published_on, unnest(range(1, $weeks + 1)) AS weeks FROM days WHERE NOT is_by_arrival) AS days
    JOIN days AS past
        ON past.source = days.source AND past.published_on = days.published_on - (7 * days.weeks)::INTEGER
        AND past.is_alive AND NOT past.is_open AND NOT past.is_by_arrival
    GROUP BY days.source, days.published_on
    HAVING count(*) >= $least_weeks
),
-- A day that the next publication restates keeps its status until then, so that this one is said to have changed there.
waiting AS (
    SELECT source, published_on, status FROM coverage_before
    WHERE published_on IN (SELECT published_on FROM dirty_days WHERE published_on IS NOT NULL)
        AND published_on NOT IN (SELECT published_on FROM restated)
)
SELECT
    days.published_on, days.source, days.articles, days.stories, days.duplicates,
    0 AS undated,
    days.dated_by_arrival,
    expected.articles AS expected_articles,
    CASE
        WHEN waiting.status IS NOT NULL THEN waiting.status
        WHEN days.is_open THEN 'open'
        WHEN NOT days.is_received AND coalesce(expected.articles, 1) >= 1 THEN 'no_data'
        WHEN days.articles < $partial_share * expected.articles THEN 'partial'
        ELSE 'complete'
    END AS status,
    days.watchlist_version, days.rules_version
FROM days
LEFT JOIN expected USING (source, published_on)
LEFT JOIN waiting USING (source, published_on);
INSERT INTO coverage BY NAME
SELECT NULL::DATE AS published_on, source, 0 AS articles, 0 AS stories, 0 AS duplicates, count(*) AS undated, 0 AS dated_by_arrival, NULL AS expected_articles, NULL AS status, NULL AS watchlist_version, NULL AS rules_version
FROM articles
WHERE is_current AND published_on IS NULL
GROUP BY source;

-- A day on which a source is covered now and was not, or the reverse, has other zeros; its counts are those it had. It changes
-- for the first reason that any restated day has. A day on which nothing came is published too, so that it can close.
CREATE OR REPLACE TEMP TABLE other_zeros AS
SELECT DISTINCT published_on
FROM (FROM coverage WHERE published_on IS NOT NULL) AS now
FULL JOIN coverage_before AS before USING (source, published_on)
WHERE (
        coalesce(now.status IN ('complete', 'partial') OR now.articles > 0, false) <> coalesce(before.status IN ('complete', 'partial') OR before.articles > 0, false)
        OR published_on NOT IN (SELECT published_on FROM publications WHERE published_on IS NOT NULL)
    )
    AND published_on NOT IN (SELECT published_on FROM dirty_days WHERE published_on IS NOT NULL);
INSERT INTO restated
SELECT
    published_on,
    CASE
        WHEN published_on NOT IN (SELECT published_on FROM publications WHERE published_on IS NOT NULL) THEN 'new'
        ELSE coalesce((
            SELECT cause FROM restated
            WHERE cause IN ('rules', 'deletion', 'correction')
            ORDER BY list_position(['rules', 'deletion', 'correction'], cause)
            LIMIT 1
        ), 'late')
    END
FROM other_zeros;
INSERT INTO counts_before SELECT * FROM mention_counts WHERE published_on IN (SELECT published_on FROM other_zeros);
