-- The marts of the restated days, from the articles and hits as they are now (`snippets` has the sentences).
DELETE FROM article_mentions WHERE published_on IN (SELECT published_on FROM restated);
INSERT INTO article_mentions BY NAME
SELECT fresh.article_id, fresh.entity_id, fresh.published_on, fresh.source, fresh.occurrences, fresh.in_title, fresh.in_lead, snippets.snippet
FROM fresh_mentions AS fresh
JOIN snippets USING (article_id, entity_id);

DELETE FROM mention_counts WHERE published_on IN (SELECT published_on FROM restated);
INSERT INTO mention_counts BY NAME
SELECT
    published_on, source, entity_id,
    count(*) AS articles,
    sum(occurrences)::BIGINT AS occurrences,
    count(*) FILTER (WHERE in_title) AS title_articles,
    count(*) FILTER (WHERE in_lead) AS lead_articles
FROM fresh_mentions
GROUP BY published_on, source, entity_id;

-- Coverage: a row for every source and day from its first article to the newest day of any source.
DELETE FROM coverage;
INSERT INTO coverage BY NAME
WITH received AS (
    SELECT
        source, published_on,
        count(*) FILTER (WHERE duplicate_of IS NULL) AS articles,
        count(*) FILTER (WHERE duplicate_of IS NOT NULL) AS duplicates,
        count(*) FILTER (WHERE duplicate_of IS NULL AND date_precision = 'arrival') AS dated_by_arrival,
        CASE WHEN min(watchlist_version) = max(watchlist_version) THEN min(watchlist_version) ELSE 'mixed' END AS watchlist_version,
        CASE WHEN min(rules_version) = max(rules_version) THEN min(rules_version) ELSE 'mixed' END AS rules_version
    FROM articles
    WHERE is_current AND published_on IS NOT NULL
    GROUP BY source, published_on
),
calendar AS (
    SELECT source, unnest(generate_series(min(published_on), (SELECT max(published_on) FROM received), INTERVAL 1 DAY))::DATE AS published_on
    FROM received
    GROUP BY source
)
SELECT
    calendar.published_on, calendar.source,
    coalesce(received.articles, 0) AS articles,
    coalesce(received.duplicates, 0) AS duplicates,
    0 AS undated,
    coalesce(received.dated_by_arrival, 0) AS dated_by_arrival,
    CASE
        WHEN calendar.published_on::TIMESTAMP + to_seconds($close_seconds) > $now::TIMESTAMP THEN 'open'
        WHEN received.source IS NOT NULL THEN 'complete'
        ELSE 'no_data'
    END AS status,
    received.watchlist_version, received.rules_version
FROM calendar
LEFT JOIN received USING (source, published_on);
INSERT INTO coverage BY NAME
SELECT NULL::DATE AS published_on, source, 0 AS articles, 0 AS duplicates, count(*) AS undated, 0 AS dated_by_arrival, NULL AS status, NULL AS watchlist_version, NULL AS rules_version
FROM articles
WHERE is_current AND published_on IS NULL
GROUP BY source;

-- Open the publication and consume the marks it was made from. Its number follows those of the log and of the manifest,
-- which is ahead of it after a restore.
INSERT INTO publication_log
SELECT greatest((SELECT coalesce(max(publication_id), 0) FROM publication_log), $after) + 1, $now::TIMESTAMP, $watchlist_version, $rules_version, NULL;
INSERT INTO publications
SELECT (SELECT max(publication_id) FROM publication_log), published_on, $now::TIMESTAMP, cause, published_on::TIMESTAMP + to_seconds($close_seconds) <= $now::TIMESTAMP
FROM restated;
DELETE FROM dirty_days;
