-- Per source: records read in this run that the gate judges, and those of them that parsing has already refused.
SELECT source, count(*) AS records, count(*) FILTER (WHERE outcome = 'quarantined') AS refused
FROM staged
WHERE outcome IN ('article', 'quarantined') AND NOT let_in
GROUP BY source
ORDER BY source;
