-- Snapshots that are kept: the last 10, and the last one of each of the last 30 days with a publication.
SELECT publication_id FROM publication_log
QUALIFY row_number() OVER (ORDER BY publication_id DESC) <= 10
UNION
SELECT max(publication_id) FROM publication_log
WHERE as_of > $now::TIMESTAMP - INTERVAL 30 DAY
GROUP BY as_of::DATE;
