-- The texts of articles to match again, in a range of rows; `masked` are the recurring lines in which nothing counts.
WITH stale AS (
    SELECT rowid AS article_rowid, *
    FROM articles
    WHERE rowid BETWEEN $first AND $last AND is_current
        AND (watchlist_version IS DISTINCT FROM $watchlist_version OR NOT ends_with(rules_version, $matching_rules))
),
masked AS (
    SELECT article_rowid, list(line) AS lines
    FROM (SELECT article_rowid, source, published_on, unnest(line_hashes) AS line_hash FROM stale WHERE masks IS NOT NULL)
    JOIN recurring_days USING (source, line_hash, published_on)
    JOIN recurring_lines USING (source, line_hash)
    WHERE NOT allowed
    GROUP BY article_rowid
)
SELECT article_id, version, published_on, title, body, trailer, headline_echo, byline, dateline_start, dateline_end, language, masked.lines
FROM stale
LEFT JOIN masked USING (article_rowid);
