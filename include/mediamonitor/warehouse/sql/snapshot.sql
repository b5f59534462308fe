-- The tables of media.duckdb, copied into the attached database `snapshot`; snapshot_mentions.sql fills the first, slice
-- by slice, and views.sql is run in it afterwards.
CREATE TABLE snapshot.article_mentions AS SELECT * FROM article_mentions LIMIT 0;
CREATE TABLE snapshot.mention_counts AS SELECT * FROM mention_counts ORDER BY published_on, source, entity_id;
CREATE TABLE snapshot.coverage AS SELECT * FROM coverage ORDER BY published_on, source;
CREATE TABLE snapshot.spikes AS SELECT * FROM spikes ORDER BY published_on, entity_id;
CREATE TABLE snapshot.entities AS SELECT * FROM entities ORDER BY entity_id;
CREATE TABLE snapshot.groups AS SELECT * FROM groups ORDER BY group_id;
CREATE TABLE snapshot.sources AS SELECT * FROM sources ORDER BY source;
CREATE TABLE snapshot.recurring_lines AS SELECT source, line_sha256, line, articles, first_on, last_on, allowed FROM recurring_lines ORDER BY source, line;
CREATE TABLE snapshot.publications AS SELECT * FROM publications ORDER BY publication_id, published_on;
CREATE TABLE snapshot.quarantine AS SELECT * FROM quarantine ORDER BY bucket, key, member, record_no, first_seen_at;
CREATE TABLE snapshot.quality_results AS SELECT * FROM quality_results ORDER BY "at", run_id, expectation;
CREATE TABLE snapshot.objects_summary AS SELECT * FROM objects_summary;
CREATE TABLE snapshot.schema_version AS SELECT * FROM schema_version;
CREATE TABLE snapshot.snapshot_info AS SELECT publication_id, as_of, watchlist_version, rules_version FROM publication_log WHERE publication_id = $publication_id;
