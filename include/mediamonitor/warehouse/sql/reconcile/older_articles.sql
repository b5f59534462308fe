-- differences: an article of an older version that lives beside the newest good one, which did not refuse its record
WITH newest AS (
    SELECT bucket, key, max(seq) AS seq FROM objects WHERE state IN ('loaded', 'partial') GROUP BY bucket, key HAVING count(*) > 1
),
older AS (
    SELECT articles.bucket, articles.key, articles.member, articles.record_no, newest.seq
    FROM articles
    JOIN newest ON newest.bucket = articles.bucket AND newest.key = articles.key AND newest.seq > articles.version
    WHERE articles.is_current
)
SELECT older.bucket, older.key
FROM older
WHERE NOT EXISTS (
        SELECT 1 FROM quarantine
        WHERE quarantine.bucket = older.bucket AND quarantine.key = older.key AND quarantine.seq = older.seq
            AND quarantine.member = older.member AND quarantine.record_no = older.record_no
    )
    AND NOT EXISTS (
        SELECT 1 FROM quarantine
        WHERE quarantine.bucket = older.bucket AND quarantine.key = older.key AND quarantine.seq = older.seq AND quarantine."rest"
    )
ORDER BY ALL;
