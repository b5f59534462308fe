-- What may open a story: the counted hits of the restated days ($first to $last) in stories of several articles; in one
-- that an article tells alone there is nothing to find out. A story spans $window days. Returns how many.
CREATE OR REPLACE TEMP TABLE shared_stories AS
SELECT DISTINCT story_id FROM articles
WHERE is_current AND duplicate_of IS NULL AND NOT is_origin
    AND published_on BETWEEN $first::DATE - $window::INTEGER AND $last::DATE + $window::INTEGER;

CREATE OR REPLACE TEMP TABLE openings AS
SELECT articles.story_id, hits.entity_id, articles.article_id, articles.published_on, articles.published_at
FROM articles
SEMI JOIN shared_stories USING (story_id)
JOIN hits ON hits.article_id = articles.article_id AND hits.version = articles.version
WHERE hits.is_counted AND articles.is_current AND articles.duplicate_of IS NULL
    AND articles.published_on IN (SELECT published_on FROM restated)
    AND articles.published_on BETWEEN $first AND $last AND hits.published_on BETWEEN $first AND $last;

CREATE OR REPLACE TEMP TABLE story_openers (story_id VARCHAR, entity_id VARCHAR, article_id VARCHAR);
SELECT count(*) FROM openings;
