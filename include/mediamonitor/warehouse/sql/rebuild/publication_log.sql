SELECT * FROM publication_log;
