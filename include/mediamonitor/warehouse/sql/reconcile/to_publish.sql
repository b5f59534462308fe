SELECT DISTINCT published_on FROM dirty_days WHERE published_on IS NOT NULL
UNION
SELECT published_on FROM publications JOIN publication_log USING (publication_id) WHERE finished_at IS NULL
ORDER BY ALL;
