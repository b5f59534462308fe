SELECT coalesce(max(publication_id), 0) FROM publication_log;
