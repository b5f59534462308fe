SELECT count(*) AS articles FROM articles WHERE is_current;
