-- Articles that hold the beginning of a word of the entity's names, with the places in which it was found.
WITH found AS (
    SELECT article_id, version, list({'in_title': zone = 'title', 'start': start_char, 'end': end_char}) AS hits
    FROM hits
    WHERE entity_id = $entity_id AND zone NOT IN ('trailer', 'byline', 'headline_echo')
    GROUP BY article_id, version
)
SELECT articles.article_id, coalesce(articles.title, '') AS title, articles.body, coalesce(found.hits, []) AS hits
FROM articles
JOIN entities ON entities.entity_id = $entity_id
LEFT JOIN found ON found.article_id = articles.article_id AND found.version = articles.version
WHERE articles.is_current AND articles.duplicate_of IS NULL
    AND articles.published_on BETWEEN coalesce(entities.active_from, DATE '0001-01-01') AND coalesce(entities.active_to, DATE '9999-12-31')
    AND (regexp_matches(articles.body, $pattern) OR regexp_matches(articles.title, $pattern));
