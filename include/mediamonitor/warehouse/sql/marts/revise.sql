-- What has changed of days that were closed when they were last published: their cells, and the totals of their sources.
-- Where only a request or the clock had the day counted again, less than before is a `deletion`, anything else `late`.
CREATE OR REPLACE TEMP TABLE closed_days AS
SELECT published_on FROM restated
WHERE published_on IN (SELECT published_on FROM publications WHERE is_final);

CREATE OR REPLACE TEMP TABLE totals_changed AS
WITH before AS (
    SELECT published_on, source, articles, stories FROM coverage_before WHERE published_on IN (SELECT published_on FROM closed_days) AND status <> 'no_data'
),
after AS (
    SELECT published_on, source, articles, stories FROM coverage WHERE published_on IN (SELECT published_on FROM closed_days) AND status <> 'no_data'
)
SELECT
    published_on, source,
    before.articles AS articles_before, after.articles AS articles_after, before.stories AS stories_before, after.stories AS stories_after
FROM before FULL JOIN after USING (published_on, source);

INSERT INTO mention_revisions BY NAME
SELECT
    published_on, source, NULL AS entity_id,
    articles_before, articles_after, stories_before, stories_after,
    NULL AS occurrences_before, NULL AS occurrences_after, NULL AS new_stories_before, NULL AS new_stories_after,
    articles_before AS articles_total_before, articles_after AS articles_total_after,
    stories_before AS stories_total_before, stories_after AS stories_total_after,
    $now::TIMESTAMP AS revised_at,
    CASE
        WHEN restated.cause NOT IN ('requested', 'closed', 'new') THEN restated.cause
        WHEN (coalesce(articles_after, 0), coalesce(stories_after, 0)) < (coalesce(articles_before, 0), coalesce(stories_before, 0)) THEN 'deletion'
        ELSE 'late'
    END AS cause
FROM totals_changed JOIN restated USING (published_on)
WHERE (articles_before, stories_before) IS DISTINCT FROM (articles_after, stories_after);

INSERT INTO mention_revisions BY NAME
WITH cells AS (
    SELECT published_on, source, entity_id
    FROM (
        (SELECT published_on, source, entity_id, articles, stories, new_stories, occurrences FROM counts_before
         EXCEPT SELECT published_on, source, entity_id, articles, stories, new_stories, occurrences FROM mention_counts WHERE published_on IN (SELECT published_on FROM closed_days))
        UNION ALL
        (SELECT published_on, source, entity_id, articles, stories, new_stories, occurrences FROM mention_counts WHERE published_on IN (SELECT published_on FROM closed_days)
         EXCEPT SELECT published_on, source, entity_id, articles, stories, new_stories, occurrences FROM counts_before)
    )
    WHERE published_on IN (SELECT published_on FROM closed_days)
    GROUP BY published_on, source, entity_id
)
SELECT
    cells.published_on, cells.source, cells.entity_id,
    -- Of a source-day that is covered a cell that is not stored is 0; of one that is not it is nothing.
    CASE WHEN totals.articles_before IS NOT NULL THEN coalesce(before.articles, 0) END AS articles_before,
    CASE WHEN totals.articles_after IS NOT NULL THEN coalesce(after.articles, 0) END AS articles_after,
    CASE WHEN totals.articles_before IS NOT NULL THEN coalesce(before.stories, 0) END AS stories_before,
    CASE WHEN totals.articles_after IS NOT NULL THEN coalesce(after.stories, 0) END AS stories_after,
    CASE WHEN totals.articles_before IS NOT NULL THEN coalesce(before.occurrences, 0) END AS occurrences_before,
    CASE WHEN totals.articles_after IS NOT NULL THEN coalesce(after.occurrences, 0) END AS occurrences_after,
    CASE WHEN totals.articles_before IS NOT NULL THEN coalesce(before.new_stories, 0) END AS new_stories_before,
    CASE WHEN totals.articles_after IS NOT NULL THEN coalesce(after.new_stories, 0) END AS new_stories_after,
    totals.articles_before AS articles_total_before, totals.articles_after AS articles_total_after,
    totals.stories_before AS stories_total_before, totals.stories_after AS stories_total_after,
    $now::TIMESTAMP AS revised_at,
    CASE
        WHEN restated.cause NOT IN ('requested', 'closed', 'new') THEN restated.cause
        WHEN (coalesce(after.articles, 0), coalesce(after.occurrences, 0)) < (coalesce(before.articles, 0), coalesce(before.occurrences, 0)) THEN 'deletion'
        ELSE 'late'
    END AS cause
FROM cells
JOIN restated USING (published_on)
LEFT JOIN totals_changed AS totals USING (published_on, source)
LEFT JOIN counts_before AS before ON before.published_on = cells.published_on AND before.source = cells.source AND before.entity_id = cells.entity_id
LEFT JOIN mention_counts AS after ON after.published_on = cells.published_on AND after.source = cells.source AND after.entity_id = cells.entity_id;
