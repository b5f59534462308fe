-- The places that articles had, of those from rowid $first to $last: the next `link` sees by them whose story gets another id.
UPDATE articles SET story_id = coalesce(before.story_id, articles.article_id), duplicate_of = before.duplicate_of, is_origin = before.is_origin
FROM before_articles AS before
WHERE articles.rowid BETWEEN $first AND $last AND articles.is_current AND articles.published_on IS NOT NULL
    AND before.is_origin IS NOT NULL AND before.number = ('0x' || left(articles.article_id, 16))::UBIGINT;
