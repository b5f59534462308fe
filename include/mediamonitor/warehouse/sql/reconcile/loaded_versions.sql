-- differences: a live object version whose current articles are not as many as the ledger says, or none that is live
WITH live AS (
    SELECT bucket, key, seq, articles FROM objects WHERE state IN ('loaded', 'partial')
),
present AS (
    SELECT bucket, key, version AS seq, count(*) AS articles FROM articles WHERE is_current GROUP BY ALL
)
SELECT bucket, key
FROM live FULL JOIN present USING (bucket, key, seq)
WHERE live.articles IS DISTINCT FROM present.articles
ORDER BY ALL;
