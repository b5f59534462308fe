SELECT publication_id, as_of, watchlist_version, rules_version FROM publication_log WHERE finished_at IS NULL ORDER BY publication_id DESC LIMIT 1;
