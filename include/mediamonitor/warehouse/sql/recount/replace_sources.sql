-- `sources.yaml` (as `given_sources`) into its table, if it says something else than before.
CREATE OR REPLACE TEMP TABLE changed_sources AS
(FROM given_sources EXCEPT FROM sources) UNION ALL (FROM sources EXCEPT FROM given_sources);
DELETE FROM sources WHERE EXISTS (SELECT 1 FROM changed_sources);
INSERT INTO sources SELECT * FROM given_sources WHERE EXISTS (SELECT 1 FROM changed_sources);
INSERT INTO dirty_days SELECT NULL, 'sources' WHERE EXISTS (SELECT 1 FROM changed_sources);
