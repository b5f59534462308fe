-- What validation found (`results`) and its pages (`pages`). A repeated validation of the run replaces its results.
DELETE FROM quality_results WHERE run_id = $run_id;
INSERT INTO quality_results SELECT $run_id, expectation, severity, success, rows, unexpected, $now::TIMESTAMP FROM results;
DELETE FROM quality_pages;
INSERT INTO quality_pages SELECT path, content FROM pages;
-- A run that could read nothing has nothing to tell.
INSERT INTO dirty_days SELECT NULL, 'quality' WHERE EXISTS (SELECT 1 FROM results WHERE rows > 0 AND (severity = 'row' OR NOT success));
