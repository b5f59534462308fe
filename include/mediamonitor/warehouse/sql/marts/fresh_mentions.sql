-- The counted hits of the restated days from $first to $last by article and entity.
-- Grouped by the number of the article's row: what is grouped must fit into memory, and ids are eight times as wide.
CREATE OR REPLACE TEMP TABLE grouped_hits AS
SELECT
    articles.rowid AS article_rowid, hits.entity_id,
    count(*) AS occurrences,
    bool_or(hits.zone = 'title') AS in_title,
    bool_or(hits.zone = 'lead') AS in_lead,
    min(hits.start_char) FILTER (WHERE hits.zone <> 'title') AS first_start,
    arg_min(hits.end_char, hits.start_char) FILTER (WHERE hits.zone <> 'title') AS first_end
FROM hits
JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version
WHERE hits.is_counted AND articles.is_current AND articles.duplicate_of IS NULL
    AND articles.published_on IN (SELECT published_on FROM restated)
    AND articles.published_on BETWEEN $first AND $last AND hits.published_on BETWEEN $first AND $last
GROUP BY articles.rowid, hits.entity_id;

CREATE OR REPLACE TEMP TABLE fresh_mentions AS
SELECT articles.article_id, articles.published_on, articles.source, articles.story_id, grouped_hits.*
FROM grouped_hits
JOIN articles ON articles.rowid = grouped_hits.article_rowid
WHERE articles.published_on BETWEEN $first AND $last;
