-- Which article opens a story of several for an entity (`new_stories` counts it there): the first of all that name it. A
-- restated day may move that to another day (reopened_days.sql). One part of many by the story, since what is grouped
-- must fit into memory.
INSERT INTO story_openers
WITH concerned AS (
    SELECT story_id, entity_id FROM openings WHERE hash(story_id) % $parts::UBIGINT = $part::UBIGINT
    UNION
    SELECT story_id, entity_id FROM article_mentions
    SEMI JOIN shared_stories USING (story_id)
    WHERE published_on IN (SELECT published_on FROM restated) AND published_on BETWEEN $first AND $last
        AND hash(story_id) % $parts::UBIGINT = $part::UBIGINT
),
everyone AS (
    SELECT story_id, entity_id, article_id, published_on, published_at FROM openings
    WHERE hash(story_id) % $parts::UBIGINT = $part::UBIGINT
    UNION ALL
    SELECT story_id, entity_id, mentions.article_id, mentions.published_on, articles.published_at
    FROM article_mentions AS mentions
    SEMI JOIN concerned USING (story_id, entity_id)
    JOIN articles ON articles.article_id = mentions.article_id AND articles.is_current
    WHERE mentions.published_on NOT IN (SELECT published_on FROM restated)
        AND mentions.published_on BETWEEN $first::DATE - $window::INTEGER AND $last::DATE + $window::INTEGER
        AND mentions.published_on IN (SELECT published_on + shift::INTEGER FROM restated, range(-$window, $window + 1) AS shifts (shift))
)
SELECT story_id, entity_id, arg_min(article_id, (published_on, coalesce(published_at, 'infinity'::TIMESTAMP), article_id)) AS article_id
FROM everyone
GROUP BY story_id, entity_id;
