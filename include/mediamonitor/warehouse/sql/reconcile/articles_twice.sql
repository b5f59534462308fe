-- differences: an article with more than one current version
SELECT any_value(bucket), any_value(key) FROM articles WHERE is_current GROUP BY article_id HAVING count(*) > 1 ORDER BY ALL;
