UPDATE publication_log SET finished_at = $now::TIMESTAMP WHERE publication_id = $publication_id;
