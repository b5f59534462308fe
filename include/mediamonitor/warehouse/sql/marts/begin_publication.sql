-- Open the publication and consume the marks it was made from. Its number follows those of the log and of the manifest,
-- which is ahead of it after a restore.
INSERT INTO publication_log
SELECT greatest((SELECT coalesce(max(publication_id), 0) FROM publication_log), $after) + 1, $now::TIMESTAMP, $watchlist_version, $rules_version, NULL;
INSERT INTO publications
SELECT (SELECT max(publication_id) FROM publication_log), published_on, $now::TIMESTAMP, cause, published_on::TIMESTAMP + to_seconds($close_seconds) <= $now::TIMESTAMP
FROM restated;
DELETE FROM dirty_days WHERE published_on IS NULL OR published_on IN (SELECT published_on FROM restated);
