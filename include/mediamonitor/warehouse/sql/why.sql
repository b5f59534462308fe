-- The hits of an entity on a day, with the text that each stands in.
SELECT
    hits.article_id, articles.source, articles.title, articles.key, articles.url, articles.duplicate_of,
    hits.alias, hits.zone, hits.start_char, hits.end_char, hits.is_counted, hits.why_not,
    CASE hits.zone
        WHEN 'title' THEN articles.title
        WHEN 'trailer' THEN articles.trailer
        WHEN 'byline' THEN articles.byline
        WHEN 'headline_echo' THEN articles.headline_echo
        ELSE articles.body
    END AS text
FROM hits
JOIN articles ON articles.article_id = hits.article_id AND articles.version = hits.version AND articles.is_current
WHERE hits.entity_id = $entity_id AND articles.published_on = $day AND ($source IS NULL OR articles.source = $source)
ORDER BY
    articles.source, articles.published_at NULLS LAST, articles.key, articles.member, articles.record_no,
    list_position(['title', 'lead', 'body', 'dateline', 'boilerplate', 'headline_echo', 'byline', 'trailer'], hits.zone), hits.start_char;
