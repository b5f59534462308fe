SELECT run_id, "at", expectation, severity, success, rows, unexpected
FROM quality_results
WHERE run_id IN (SELECT run_id FROM quality_results GROUP BY run_id ORDER BY max("at") DESC, run_id LIMIT 30)
ORDER BY "at" DESC, run_id, severity DESC, expectation;
