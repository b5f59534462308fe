-- differences: a (bucket, key) with more than one current row, or none, or with one that says that there is a newer
SELECT bucket, key
FROM objects
GROUP BY bucket, key
HAVING count(*) FILTER (WHERE is_current) <> 1 OR bool_or(is_current AND state = 'superseded')
ORDER BY ALL;
