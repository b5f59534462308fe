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

-- Every day is published again. Why it is another one than was published: what was found before and not published yet ...
DELETE FROM dirty_days;
INSERT INTO dirty_days SELECT * FROM before_dirty_days;
INSERT INTO dirty_days
SELECT published_on, 'rebuild' FROM (SELECT published_on FROM publications UNION SELECT published_on FROM before_coverage UNION SELECT published_on FROM articles WHERE is_current UNION SELECT NULL);

-- ... and what differs of the articles. Of the same content only the configuration and the rules can make something else.
CREATE OR REPLACE TEMP TABLE found_otherwise AS
WITH other_watchlist AS (
    SELECT coalesce((SELECT arg_max(watchlist_version, publication_id) FROM publication_log) NOT IN (SELECT watchlist_version FROM watchlists), false) AS is_other
)
SELECT
    before.published_on AS day_before, now.published_on AS day_now,
    CASE
        WHEN before.number IS NULL THEN 'arrival'
        WHEN now.number IS NULL THEN 'deletion'
        WHEN before.etag IS DISTINCT FROM now.etag THEN 'correction'
        WHEN before.published_on IS DISTINCT FROM now.published_on OR before.source <> now.source THEN 'rules'
        WHEN is_other THEN 'watchlist'
        ELSE 'rules'
    END AS cause
FROM before_articles AS before
FULL JOIN told_articles AS now ON now.number = before.number
CROSS JOIN other_watchlist
WHERE EXISTS (FROM before_articles)  -- where they cannot be read, the counts alone can be compared
    AND (
        before.number IS NULL OR now.number IS NULL
        OR before.published_on IS DISTINCT FROM now.published_on OR before.source <> now.source OR coalesce(before.told <> now.told, is_other)
    );
INSERT INTO dirty_days
SELECT DISTINCT unnest([day_before, day_now]) AS published_on, cause FROM found_otherwise;
