-- The last publication whose files were written, and the last that is open, if any is; the manifest shows one of the two, or
-- it is not ours.
SELECT
    coalesce(max(publication_id) FILTER (finished_at IS NOT NULL), 0),
    coalesce(max(publication_id) FILTER (finished_at IS NULL), max(publication_id), 0)
FROM publication_log;
