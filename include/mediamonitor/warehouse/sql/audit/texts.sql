-- The articles in which the drawn places (`drawn`) stand.
SELECT article_id, published_on, source, title, body, trailer, byline, headline_echo
FROM articles
WHERE is_current AND article_id IN (SELECT article_id FROM drawn);
