UPDATE publication_log SET finished_at = $now::TIMESTAMP WHERE finished_at IS NULL AND publication_id <= $publication_id;
