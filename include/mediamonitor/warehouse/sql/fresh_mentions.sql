-- The counted hits of the restated days by article and entity. `snippets` takes the sentence of each.
CREATE OR REPLACE TEMP TABLE fresh_mentions AS
SELECT
    hits.article_id, hits.entity_id, articles.published_on, articles.source,
    any_value(articles.story_id) AS story_id,
    any_value(articles.published_at) AS published_at,
    count(*) AS occurrences,
    bool_or(hits.zone = 'title') AS in_title,
    bool_or(hits.zone = 'lead') AS in_lead,
    min(hits.start_char) FILTER (WHERE hits.zone <> 'title') AS first_start,
    arg_min(hits.end_char, hits.start_char) FILTER (WHERE hits.zone <> 'title') AS first_end,
    any_value(articles.rowid) AS article_rowid
FROM hits
JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version
WHERE hits.is_counted AND articles.is_current AND articles.duplicate_of IS NULL
    AND articles.published_on IN (SELECT published_on FROM restated)
GROUP BY hits.article_id, hits.entity_id, articles.published_on, articles.source;

CREATE OR REPLACE TEMP TABLE snippets (article_id VARCHAR, entity_id VARCHAR, snippet VARCHAR);
SELECT count(*) FROM fresh_mentions;
