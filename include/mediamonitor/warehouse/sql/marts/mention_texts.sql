-- The text around the first hit in the body, or the title, of the mentions of one range of articles.
SELECT
    fresh.article_id, fresh.entity_id,
    CASE WHEN fresh.first_start IS NULL THEN coalesce(articles.title, '') ELSE substring(articles.body, greatest(fresh.first_start - $around, 0) + 1, $around * 2 + fresh.first_end - fresh.first_start) END AS around,
    CASE WHEN fresh.first_start IS NULL THEN NULL ELSE least(fresh.first_start, $around) END AS start_char,
    fresh.first_end - fresh.first_start AS length
FROM fresh_mentions AS fresh
JOIN articles ON articles.rowid = fresh.article_rowid
WHERE fresh.article_id >= $low AND fresh.article_id < $high;
