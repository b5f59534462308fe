SELECT published_on, count(*) * 600 FROM article_mentions GROUP BY published_on ORDER BY published_on;
