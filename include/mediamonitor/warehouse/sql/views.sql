-- What analysts read. The same views stand in the warehouse and in every published snapshot.

-- Every covered source-day has a number for every active entity, zeros included; one that was not received has none.
CREATE OR REPLACE VIEW daily_mentions AS
SELECT
    coverage.published_on, coverage.source, entities.entity_id, entities.name,
    coalesce(counts.articles, 0) AS articles,
    coalesce(counts.occurrences, 0) AS occurrences,
    coalesce(counts.title_articles, 0) AS title_articles,
    coalesce(counts.lead_articles, 0) AS lead_articles,
    coverage.articles AS articles_total,
    coalesce(counts.articles, 0) / nullif(coverage.articles, 0) AS share,
    coverage.watchlist_version, coverage.rules_version
FROM coverage
JOIN entities
    ON coverage.published_on >= coalesce(entities.active_from, coverage.published_on)
    AND coverage.published_on <= coalesce(entities.active_to, coverage.published_on)
LEFT JOIN mention_counts AS counts
    ON counts.published_on = coverage.published_on AND counts.source = coverage.source AND counts.entity_id = entities.entity_id
WHERE coverage.status = 'complete' OR (coverage.status = 'open' AND coverage.articles + coverage.duplicates > 0);

-- All sources of a day together. Shares are sums over sums.
CREATE OR REPLACE VIEW daily_totals AS
SELECT
    daily.published_on, daily.entity_id, daily.name,
    sum(daily.articles)::BIGINT AS articles,
    sum(daily.occurrences)::BIGINT AS occurrences,
    sum(daily.title_articles)::BIGINT AS title_articles,
    sum(daily.lead_articles)::BIGINT AS lead_articles,
    count(*) FILTER (WHERE daily.articles > 0) AS sources,
    count(DISTINCT coalesce(sources.owner, daily.source)) FILTER (WHERE daily.articles > 0) AS owners,
    sum(daily.articles_total)::BIGINT AS articles_total,
    sum(daily.articles) / nullif(sum(daily.articles_total), 0) AS share
FROM daily_mentions AS daily
LEFT JOIN sources ON sources.source = daily.source
GROUP BY daily.published_on, daily.entity_id, daily.name;

-- By week (from Monday) and month. Articles may be summed: each stands on one day in one source.
CREATE OR REPLACE VIEW weekly_totals AS
SELECT
    date_trunc('week', published_on)::DATE AS week, entity_id, name,
    sum(articles)::BIGINT AS articles, sum(occurrences)::BIGINT AS occurrences,
    sum(title_articles)::BIGINT AS title_articles, sum(lead_articles)::BIGINT AS lead_articles,
    sum(articles_total)::BIGINT AS articles_total,
    sum(articles) / nullif(sum(articles_total), 0) AS share,
    count(*) AS days
FROM daily_totals
GROUP BY week, entity_id, name;

CREATE OR REPLACE VIEW monthly_totals AS
SELECT
    date_trunc('month', published_on)::DATE AS month, entity_id, name,
    sum(articles)::BIGINT AS articles, sum(occurrences)::BIGINT AS occurrences,
    sum(title_articles)::BIGINT AS title_articles, sum(lead_articles)::BIGINT AS lead_articles,
    sum(articles_total)::BIGINT AS articles_total,
    sum(articles) / nullif(sum(articles_total), 0) AS share,
    count(*) AS days
FROM daily_totals
GROUP BY month, entity_id, name;

-- What part of the mentions of a group each of its entities has. An article that names two counts for both.
CREATE OR REPLACE VIEW share_of_voice AS
SELECT
    totals.published_on, groups.group_id, groups.name AS group_name, totals.entity_id, totals.name,
    totals.articles, totals.occurrences,
    totals.articles / nullif(sum(totals.articles) OVER in_group, 0) AS share_of_articles,
    totals.occurrences / nullif(sum(totals.occurrences) OVER in_group, 0) AS share_of_occurrences
FROM (SELECT group_id, name, unnest(entity_ids) AS entity_id FROM groups) AS groups
JOIN daily_totals AS totals ON totals.entity_id = groups.entity_id
WINDOW in_group AS (PARTITION BY groups.group_id, totals.published_on);

-- In how many articles two entities are named together; each pair once, in the order of their ids.
CREATE OR REPLACE VIEW co_mentions AS
SELECT one.published_on, one.source, one.entity_id, other.entity_id AS other_entity_id, count(*) AS articles
FROM article_mentions AS one
JOIN article_mentions AS other ON other.article_id = one.article_id AND other.entity_id > one.entity_id
GROUP BY one.published_on, one.source, one.entity_id, other.entity_id;
