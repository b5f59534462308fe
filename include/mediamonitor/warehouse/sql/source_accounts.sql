-- Per source: records read in this run, and those that parsing has already refused.
SELECT source, count(*) AS records, count(*) FILTER (WHERE outcome = 'quarantined') AS refused
FROM staged
WHERE outcome IN ('article', 'quarantined')
GROUP BY source
ORDER BY source;
