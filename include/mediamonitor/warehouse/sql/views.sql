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
