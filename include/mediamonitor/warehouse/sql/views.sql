-- What analysts read. The same views stand in the warehouse and in every published snapshot.

-- Every covered source-day has a number for every active entity, zeros included; one that was not received has none.
CREATE OR REPLACE VIEW daily_mentions AS
SELECT
    coverage.published_on, coverage.source, entities.entity_id, entities.name,
    coalesce(counts.articles, 0) AS articles,
    coalesce(counts.stories, 0) AS stories,
    coalesce(counts.new_stories, 0) AS new_stories,
    coalesce(counts.occurrences, 0) AS occurrences,
    coalesce(counts.title_articles, 0) AS title_articles,
    coalesce(counts.lead_articles, 0) AS lead_articles,
    coverage.articles AS articles_total,
    coverage.stories AS stories_total,
    coalesce(counts.articles, 0) / nullif(coverage.articles, 0) AS share,
    coverage.watchlist_version, coverage.rules_version
FROM coverage
JOIN entities
    ON coverage.published_on >= coalesce(entities.active_from, coverage.published_on)
    AND coverage.published_on <= coalesce(entities.active_to, coverage.published_on)
LEFT JOIN mention_counts AS counts
    ON counts.published_on = coverage.published_on AND counts.source = coverage.source AND counts.entity_id = entities.entity_id
WHERE coverage.status IN ('complete', 'partial') OR (coverage.status = 'open' AND coverage.articles > 0);

-- All sources of a day together. Articles are summed; a story that several sources print is one, so stories are counted.
-- Shares are sums over sums. It is the sum of daily_mentions, made without its zeros, which are nine cells in ten.
CREATE OR REPLACE VIEW daily_totals AS
WITH covered AS (
    SELECT published_on, source, articles FROM coverage
    WHERE status IN ('complete', 'partial') OR (status = 'open' AND articles > 0)
),
days AS (
    SELECT published_on, sum(articles)::BIGINT AS articles_total FROM covered GROUP BY published_on
),
summed AS (
    SELECT
        counts.published_on, counts.entity_id,
        sum(counts.articles)::BIGINT AS articles,
        sum(counts.new_stories)::BIGINT AS new_stories,
        sum(counts.occurrences)::BIGINT AS occurrences,
        sum(counts.title_articles)::BIGINT AS title_articles,
        sum(counts.lead_articles)::BIGINT AS lead_articles,
        count(*) AS sources,
        count(DISTINCT coalesce(sources.owner, counts.source)) AS owners
    FROM mention_counts AS counts
    SEMI JOIN covered ON covered.published_on = counts.published_on AND covered.source = counts.source
    LEFT JOIN sources ON sources.source = counts.source
    WHERE counts.articles > 0
    GROUP BY counts.published_on, counts.entity_id
),
told AS (
    SELECT published_on, entity_id, count(DISTINCT story_id) AS stories FROM article_mentions GROUP BY published_on, entity_id
)
SELECT
    days.published_on, entities.entity_id, entities.name,
    coalesce(summed.articles, 0) AS articles,
    coalesce(told.stories, 0) AS stories,
    coalesce(summed.new_stories, 0) AS new_stories,
    coalesce(summed.occurrences, 0) AS occurrences,
    coalesce(summed.title_articles, 0) AS title_articles,
    coalesce(summed.lead_articles, 0) AS lead_articles,
    coalesce(summed.sources, 0) AS sources,
    coalesce(summed.owners, 0) AS owners,
    days.articles_total,
    coalesce(totals.stories, 0) AS stories_total,
    coalesce(summed.articles, 0) / nullif(days.articles_total, 0) AS share
FROM days
JOIN entities
    ON days.published_on >= coalesce(entities.active_from, days.published_on)
    AND days.published_on <= coalesce(entities.active_to, days.published_on)
LEFT JOIN summed ON summed.published_on = days.published_on AND summed.entity_id = entities.entity_id
LEFT JOIN told ON told.published_on = days.published_on AND told.entity_id = entities.entity_id
LEFT JOIN story_totals AS totals ON totals.period = 'day' AND totals.starts_on = days.published_on;

-- By week (from Monday) and month. Articles and new stories may be summed: each stands on one day in one source.
CREATE OR REPLACE VIEW weekly_totals AS
WITH told AS (
    SELECT date_trunc('week', published_on)::DATE AS week, entity_id, count(DISTINCT story_id) AS stories FROM article_mentions GROUP BY week, entity_id
)
SELECT
    date_trunc('week', daily.published_on)::DATE AS week, daily.entity_id, daily.name,
    sum(daily.articles)::BIGINT AS articles,
    coalesce(any_value(told.stories), 0) AS stories,
    sum(daily.new_stories)::BIGINT AS new_stories,
    sum(daily.occurrences)::BIGINT AS occurrences,
    sum(daily.title_articles)::BIGINT AS title_articles, sum(daily.lead_articles)::BIGINT AS lead_articles,
    sum(daily.articles_total)::BIGINT AS articles_total,
    coalesce(any_value(totals.stories), 0) AS stories_total,
    sum(daily.articles) / nullif(sum(daily.articles_total), 0) AS share,
    count(*) AS days
FROM daily_totals AS daily
LEFT JOIN told ON told.week = date_trunc('week', daily.published_on) AND told.entity_id = daily.entity_id
LEFT JOIN story_totals AS totals ON totals.period = 'week' AND totals.starts_on = date_trunc('week', daily.published_on)
GROUP BY ALL;

CREATE OR REPLACE VIEW monthly_totals AS
WITH told AS (
    SELECT date_trunc('month', published_on)::DATE AS month, entity_id, count(DISTINCT story_id) AS stories FROM article_mentions GROUP BY month, entity_id
)
SELECT
    date_trunc('month', daily.published_on)::DATE AS month, daily.entity_id, daily.name,
    sum(daily.articles)::BIGINT AS articles,
    coalesce(any_value(told.stories), 0) AS stories,
    sum(daily.new_stories)::BIGINT AS new_stories,
    sum(daily.occurrences)::BIGINT AS occurrences,
    sum(daily.title_articles)::BIGINT AS title_articles, sum(daily.lead_articles)::BIGINT AS lead_articles,
    sum(daily.articles_total)::BIGINT AS articles_total,
    coalesce(any_value(totals.stories), 0) AS stories_total,
    sum(daily.articles) / nullif(sum(daily.articles_total), 0) AS share,
    count(*) AS days
FROM daily_totals AS daily
LEFT JOIN told ON told.month = date_trunc('month', daily.published_on) AND told.entity_id = daily.entity_id
LEFT JOIN story_totals AS totals ON totals.period = 'month' AND totals.starts_on = date_trunc('month', daily.published_on)
GROUP BY ALL;

-- What part of the mentions of a group each of its entities has. An article that names two counts for both; the stories
-- of the group are those in which any of them is named.
CREATE OR REPLACE VIEW share_of_voice AS
WITH members AS (
    SELECT group_id, name, unnest(entity_ids) AS entity_id FROM groups
),
told AS (
    SELECT mentions.published_on, members.group_id, count(DISTINCT mentions.story_id) AS stories
    FROM article_mentions AS mentions
    JOIN members USING (entity_id)
    GROUP BY mentions.published_on, members.group_id
)
SELECT
    totals.published_on, members.group_id, members.name AS group_name, totals.entity_id, totals.name,
    totals.articles, totals.stories, totals.occurrences,
    totals.articles / nullif(sum(totals.articles) OVER in_group, 0) AS share_of_articles,
    totals.stories / nullif(told.stories, 0) AS share_of_stories,
    totals.occurrences / nullif(sum(totals.occurrences) OVER in_group, 0) AS share_of_occurrences
FROM members
JOIN daily_totals AS totals ON totals.entity_id = members.entity_id
LEFT JOIN told ON told.published_on = totals.published_on AND told.group_id = members.group_id
WINDOW in_group AS (PARTITION BY members.group_id, totals.published_on);

-- In how many articles and stories two entities are named together; each pair once, in the order of their ids.
CREATE OR REPLACE VIEW co_mentions AS
SELECT one.published_on, one.source, one.entity_id, other.entity_id AS other_entity_id, count(*) AS articles, count(DISTINCT one.story_id) AS stories
FROM article_mentions AS one
JOIN article_mentions AS other ON other.article_id = one.article_id AND other.entity_id > one.entity_id
GROUP BY one.published_on, one.source, one.entity_id, other.entity_id;

-- What was published for a closed day at a time: FROM daily_mentions_as_of(TIMESTAMP '2026-03-10 12:00'). What has been
-- revised since is taken back; a day that was not final by then has no row.
CREATE OR REPLACE MACRO daily_mentions_as_of(moment) AS TABLE
WITH closed AS (
    SELECT DISTINCT published_on FROM publications WHERE is_final AND published_at <= moment
),
cells AS (
    SELECT published_on, source, entity_id, articles, stories, new_stories, occurrences, articles_total, stories_total FROM daily_mentions
    UNION ALL BY NAME
    -- Source-days that are covered no more, and had zeros beside what the revisions say.
    SELECT revised.published_on, revised.source, entities.entity_id, 0 AS articles, 0 AS stories, 0 AS new_stories, 0 AS occurrences
    FROM (SELECT DISTINCT published_on, source FROM mention_revisions) AS revised
    ANTI JOIN (
        SELECT published_on, source FROM coverage
        WHERE status IN ('complete', 'partial') OR (status = 'open' AND articles > 0)
    ) AS covered USING (published_on, source)
    JOIN entities
        ON revised.published_on >= coalesce(entities.active_from, revised.published_on)
        AND revised.published_on <= coalesce(entities.active_to, revised.published_on)
    UNION ALL BY NAME
    -- Entities that are watched no more on that day.
    SELECT DISTINCT published_on, source, entity_id FROM mention_revisions
    WHERE entity_id IS NOT NULL AND (published_on, entity_id) NOT IN (
        SELECT (revised.published_on, entities.entity_id)
        FROM (SELECT DISTINCT published_on FROM mention_revisions) AS revised
        JOIN entities
            ON revised.published_on >= coalesce(entities.active_from, revised.published_on)
            AND revised.published_on <= coalesce(entities.active_to, revised.published_on)
    )
),
revised AS (
    SELECT
        published_on, source, entity_id,
        arg_min({articles: articles_before, stories: stories_before, new_stories: new_stories_before, occurrences: occurrences_before, articles_total: articles_total_before, stories_total: stories_total_before}, revised_at) AS before
    FROM mention_revisions
    WHERE revised_at > moment
    GROUP BY published_on, source, entity_id
),
told AS (
    SELECT
        cells.published_on, cells.source, cells.entity_id,
        -- A zero that was told, whose source-day was covered no more for a while, has no revision of its own.
        CASE WHEN total.before.articles_total IS NOT NULL THEN 0 END AS at_least,
        CASE WHEN cell.before IS NULL THEN cells.articles ELSE coalesce(cell.before.articles, at_least) END AS articles,
        CASE WHEN cell.before IS NULL THEN cells.stories ELSE coalesce(cell.before.stories, at_least) END AS stories,
        CASE WHEN cell.before IS NULL THEN cells.new_stories ELSE coalesce(cell.before.new_stories, at_least) END AS new_stories,
        CASE WHEN cell.before IS NULL THEN cells.occurrences ELSE coalesce(cell.before.occurrences, at_least) END AS occurrences,
        CASE WHEN total.before IS NULL THEN coalesce(cells.articles_total, cell.before.articles_total) ELSE total.before.articles_total END AS articles_total,
        CASE WHEN total.before IS NULL THEN coalesce(cells.stories_total, cell.before.stories_total) ELSE total.before.stories_total END AS stories_total
    FROM cells
    SEMI JOIN closed USING (published_on)
    LEFT JOIN revised AS cell ON cell.published_on = cells.published_on AND cell.source = cells.source AND cell.entity_id = cells.entity_id
    LEFT JOIN revised AS total ON total.published_on = cells.published_on AND total.source = cells.source AND total.entity_id IS NULL
)
SELECT * EXCLUDE (at_least), articles / nullif(articles_total, 0) AS share FROM told WHERE articles_total IS NOT NULL AND articles IS NOT NULL;
