-- The tables of media.duckdb in the attached database `snapshot`, which may be a copy of the last one: of the marts only
-- $days are replaced, the small tables are made anew. snapshot_mentions.sql fills the first, slice by slice, and views.sql
-- is run in it afterwards.
CREATE TABLE IF NOT EXISTS snapshot.article_mentions AS SELECT * FROM article_mentions LIMIT 0;
CREATE TABLE IF NOT EXISTS snapshot.mention_counts AS SELECT * FROM mention_counts LIMIT 0;
DELETE FROM snapshot.article_mentions WHERE published_on IN (SELECT unnest($days::DATE[]));
DELETE FROM snapshot.mention_counts WHERE published_on IN (SELECT unnest($days::DATE[]));
INSERT INTO snapshot.mention_counts
SELECT * FROM mention_counts WHERE published_on IN (SELECT unnest($days::DATE[])) ORDER BY published_on, source, entity_id;
CREATE OR REPLACE TABLE snapshot.coverage AS SELECT * FROM coverage ORDER BY published_on, source;
CREATE OR REPLACE TABLE snapshot.spikes AS SELECT * FROM spikes ORDER BY published_on, entity_id;
CREATE OR REPLACE TABLE snapshot.entities AS SELECT * FROM entities ORDER BY entity_id;
CREATE OR REPLACE TABLE snapshot.groups AS SELECT * FROM groups ORDER BY group_id;
CREATE OR REPLACE TABLE snapshot.sources AS SELECT * FROM sources ORDER BY source;
CREATE OR REPLACE TABLE snapshot.recurring_lines AS SELECT source, line_sha256, line, articles, first_on, last_on, allowed FROM recurring_lines ORDER BY source, line;
CREATE OR REPLACE TABLE snapshot.story_totals AS SELECT * FROM story_totals ORDER BY period, starts_on;
CREATE OR REPLACE TABLE snapshot.story_aliases AS SELECT * FROM story_aliases ORDER BY old_id;
CREATE OR REPLACE TABLE snapshot.mention_revisions AS SELECT * FROM mention_revisions ORDER BY revised_at, published_on, source, entity_id NULLS FIRST;
CREATE OR REPLACE TABLE snapshot.publications AS SELECT * FROM publications ORDER BY publication_id, published_on;
CREATE OR REPLACE TABLE snapshot.quarantine AS SELECT * FROM quarantine ORDER BY bucket, key, member, record_no, first_seen_at;
CREATE OR REPLACE TABLE snapshot.quality_results AS SELECT * FROM quality_results ORDER BY "at", run_id, expectation;
CREATE OR REPLACE TABLE snapshot.objects_summary AS SELECT * FROM objects_summary;
CREATE OR REPLACE TABLE snapshot.schema_version AS SELECT * FROM schema_version;
CREATE OR REPLACE TABLE snapshot.snapshot_info AS SELECT publication_id, as_of, watchlist_version, rules_version FROM publication_log WHERE publication_id = $publication_id;
