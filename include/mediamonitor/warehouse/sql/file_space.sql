-- Bytes of the file, and those of them in which nothing stands.
SELECT total_blocks * block_size, free_blocks * block_size FROM pragma_database_size() WHERE database_name = 'warehouse';
