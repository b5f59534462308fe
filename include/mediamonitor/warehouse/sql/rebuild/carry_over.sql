-- History of the warehouse before (as `before_...`) that landing does not hold, and every day to be published again.
INSERT INTO publications BY NAME SELECT * FROM before_publications;
-- A publication that was open is finished by the next one, which writes every day.
INSERT INTO publication_log BY NAME SELECT * REPLACE (coalesce(finished_at, $now::TIMESTAMP) AS finished_at) FROM before_publication_log;
-- With what the published counts were made: publish sees whether that has changed since.
INSERT INTO entities BY NAME SELECT * FROM before_entities;
INSERT INTO sources BY NAME SELECT * FROM before_sources;
INSERT INTO mention_revisions BY NAME SELECT * FROM before_mention_revisions;
-- What was published last: where the next publication finds the same, nothing was revised.
INSERT INTO coverage BY NAME SELECT * FROM before_coverage;
INSERT INTO mention_counts BY NAME SELECT * FROM before_mention_counts;
INSERT INTO story_aliases BY NAME SELECT * FROM before_story_aliases;
INSERT INTO quality_results BY NAME SELECT * FROM before_quality_results;
-- What was told is not told again.
INSERT INTO alerts BY NAME SELECT * FROM before_alerts;
UPDATE quarantine SET state = 'ignored'
FROM before_ignored AS before
WHERE quarantine.bucket = before.bucket AND quarantine.key = before.key AND quarantine.member = before.member
    AND quarantine.record_no = before.record_no AND quarantine.etag = before.etag AND quarantine.state = 'open';

DELETE FROM dirty_days;
INSERT INTO dirty_days
SELECT published_on, 'rebuild' FROM (SELECT published_on FROM publications UNION SELECT published_on FROM before_coverage UNION SELECT published_on FROM articles WHERE is_current UNION SELECT NULL);
