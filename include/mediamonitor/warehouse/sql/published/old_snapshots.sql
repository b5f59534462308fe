-- Publications whose snapshots are past their time. The last 10 are kept, and the last one of each of the last 30 days with a
-- publication. Those of one run have one snapshot, under the last number.
WITH written AS (SELECT as_of, max(publication_id) AS publication_id FROM publication_log GROUP BY as_of),
kept AS (
    SELECT publication_id FROM written
    QUALIFY row_number() OVER (ORDER BY publication_id DESC) <= 10
    UNION
    SELECT max(publication_id) FROM written
    WHERE as_of > $now::TIMESTAMP - INTERVAL 30 DAY
    GROUP BY as_of::DATE
)
SELECT publication_id FROM publication_log WHERE publication_id NOT IN (FROM kept);
