-- The marts of the restated days, from the articles and hits as they are now (`snippets` has the sentences).
CREATE OR REPLACE TEMP TABLE counts_before AS SELECT * FROM mention_counts WHERE published_on IN (SELECT published_on FROM restated);

DELETE FROM article_mentions WHERE published_on IN (SELECT published_on FROM restated);
INSERT INTO article_mentions BY NAME
-- Materialized, since DuckDB would join openers and snippets first, by the entity alone: every mention with every other.
WITH opened AS MATERIALIZED (
    SELECT fresh.*, fresh.article_id = openers.article_id AS opens_story
    FROM fresh_mentions AS fresh
    JOIN story_openers AS openers USING (story_id, entity_id)
)
SELECT article_id, entity_id, published_on, source, story_id, occurrences, in_title, in_lead, opens_story, snippet
FROM opened
JOIN snippets USING (article_id, entity_id);

DELETE FROM mention_counts WHERE published_on IN (SELECT published_on FROM restated);
INSERT INTO mention_counts BY NAME
SELECT
    published_on, source, entity_id,
    count(*) AS articles,
    count(DISTINCT story_id) AS stories,
    count(*) FILTER (WHERE opens_story) AS new_stories,
    sum(occurrences)::BIGINT AS occurrences,
    count(*) FILTER (WHERE in_title) AS title_articles,
    count(*) FILTER (WHERE in_lead) AS lead_articles
FROM article_mentions
WHERE published_on IN (SELECT published_on FROM restated)
GROUP BY published_on, source, entity_id;

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
