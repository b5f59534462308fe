-- The texts of the chosen articles in a range of rows; `masked` are the recurring lines in which nothing counts.
WITH wanted AS (
    SELECT rowid AS article_rowid, *
    FROM articles
    WHERE rowid BETWEEN $first AND $last AND rowid IN (SELECT article_rowid FROM chosen)
),
masked AS (
    SELECT article_rowid, list(line) AS lines
    FROM (SELECT article_rowid, source, published_on, unnest(line_hashes) AS line_hash FROM wanted WHERE masks IS NOT NULL)
    JOIN recurring_days USING (source, line_hash, published_on)
    JOIN recurring_lines USING (source, line_hash)
    WHERE NOT allowed
    GROUP BY article_rowid
)
SELECT article_id, version, published_on, title, body, trailer, headline_echo, byline, dateline_start, dateline_end, language, masked.lines
FROM wanted
LEFT JOIN masked USING (article_rowid);
