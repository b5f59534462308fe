-- The chosen articles in ranges of rows, each with about so many of them.
SELECT min(article_rowid), max(article_rowid)
FROM (SELECT article_rowid, row_number() OVER (ORDER BY article_rowid) - 1 AS number FROM chosen)
GROUP BY number // $rows_at_once
ORDER BY ALL;
