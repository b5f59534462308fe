-- Fresh mentions with their sentences (`made`). A story that an article tells alone is opened by it.
INSERT INTO article_mentions BY NAME
SELECT
    fresh.article_id, fresh.entity_id, fresh.published_on, fresh.source, fresh.story_id, fresh.occurrences, fresh.in_title, fresh.in_lead,
    fresh.article_id = coalesce(openers.article_id, fresh.article_id) AS opens_story,
    made.snippet
FROM made
JOIN fresh_mentions AS fresh ON fresh.article_id = made.article_id AND fresh.entity_id = made.entity_id
LEFT JOIN story_openers AS openers ON openers.story_id = fresh.story_id AND openers.entity_id = fresh.entity_id;
