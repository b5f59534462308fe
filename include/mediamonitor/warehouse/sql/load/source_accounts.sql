-- Per source: records read in this run that the gate judges, and those that parsing refused or that are in `failed`.
SELECT source, count(*) AS records, count(*) FILTER (WHERE outcome = 'quarantined' OR failed.row_id IS NOT NULL) AS failures
FROM staged
LEFT JOIN failed ON failed.row_id = staged.rowid
WHERE outcome IN ('article', 'quarantined') AND NOT let_in
GROUP BY source
ORDER BY source;
