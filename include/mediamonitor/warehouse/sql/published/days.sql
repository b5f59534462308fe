SELECT DISTINCT published_on FROM publications
SEMI JOIN (SELECT publication_id FROM publication_log WHERE finished_at IS NULL) AS unfinished USING (publication_id)
WHERE published_on IS NOT NULL
ORDER BY published_on;
