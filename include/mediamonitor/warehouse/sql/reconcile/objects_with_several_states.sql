-- differences: a (bucket, key) with more than one current row, or none
SELECT bucket, key FROM objects GROUP BY bucket, key HAVING count(*) FILTER (WHERE is_current) <> 1 ORDER BY ALL;
