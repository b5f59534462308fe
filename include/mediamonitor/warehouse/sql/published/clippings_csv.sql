-- `copies`: how many counted articles of that day tell the same story, in all sources.
COPY (
    SELECT
        mentions.published_on AS date,
        sheet_cell(mentions.source) AS source,
        sheet_cell(articles.title) AS title,
        sheet_cell(articles.url) AS url,
        sheet_cell(entities.name) AS entity,
        sheet_cell(mentions.snippet) AS snippet,
        mentions.in_title, mentions.story_id, told.copies, articles.is_origin
    FROM article_mentions AS mentions
    JOIN articles ON articles.article_id = mentions.article_id AND articles.is_current
    JOIN entities ON entities.entity_id = mentions.entity_id
    JOIN (
        SELECT published_on, story_id, count(*) AS copies
        FROM articles
        WHERE is_current AND duplicate_of IS NULL AND published_on IN (SELECT unnest($days::DATE[]))
        GROUP BY published_on, story_id
    ) AS told ON told.published_on = mentions.published_on AND told.story_id = mentions.story_id
    WHERE mentions.published_on IN (SELECT unnest($days::DATE[]))
    ORDER BY mentions.published_on, mentions.source, mentions.article_id, mentions.entity_id
) TO $path (FORMAT csv, HEADER true);
