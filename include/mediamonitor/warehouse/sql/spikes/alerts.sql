-- What is new and to be told once: the latest spikes, and the sources that fell silent.
CREATE OR REPLACE TEMP TABLE newest_closed AS
SELECT max(published_on) AS published_on FROM coverage WHERE status <> 'open';

-- A spike that moved to a neighbouring day, because a file came late, takes its alert along: who has it is not told again,
-- and a channel that did not take it yet is told of the day that is so now.
UPDATE alerts SET published_on = moved.published_on
FROM (
    SELECT alerts.rowid AS alert_rowid, spikes.published_on
    FROM alerts
    JOIN spikes ON spikes.entity_id = alerts.entity_id AND abs(spikes.published_on - alerts.published_on) <= $quiet_days::INTEGER
    WHERE alerts.kind = 'spike'
        AND (alerts.published_on, alerts.entity_id) NOT IN (SELECT (published_on, entity_id) FROM spikes)
        AND NOT EXISTS (
            SELECT 1 FROM alerts AS other
            WHERE other.kind = 'spike' AND other.entity_id = spikes.entity_id AND other.published_on = spikes.published_on
        )
    QUALIFY row_number() OVER (PARTITION BY alerts.rowid ORDER BY abs(spikes.published_on - alerts.published_on), spikes.published_on) = 1
        AND row_number() OVER (PARTITION BY spikes.published_on, spikes.entity_id ORDER BY abs(spikes.published_on - alerts.published_on), alerts.published_on) = 1
) AS moved
WHERE alerts.rowid = moved.alert_rowid;
INSERT INTO alerts BY NAME
SELECT 'spike' AS kind, spikes.published_on, spikes.entity_id, $now::TIMESTAMP AS found_at, []::VARCHAR[] AS told_to
FROM spikes
WHERE spikes.published_on >= (SELECT published_on FROM newest_closed) - $told_days::INTEGER
    AND NOT EXISTS (
        SELECT 1 FROM alerts
        WHERE alerts.kind = 'spike' AND alerts.entity_id = spikes.entity_id
            AND alerts.published_on BETWEEN spikes.published_on - $quiet_days::INTEGER AND spikes.published_on + $quiet_days::INTEGER
    )
ORDER BY spikes.published_on, spikes.entity_id;

-- Silent: nothing on the newest closed day, but something on at least half of the same weekdays before it (of all days,
-- where the source is younger than a week). Told once until the source is heard again.
INSERT INTO alerts BY NAME
WITH silent AS (
    SELECT today.published_on, today.source, max(before.published_on) FILTER (before.articles + before.duplicates > 0) AS heard_on
    FROM newest_closed
    JOIN coverage AS today ON today.published_on = newest_closed.published_on AND today.status = 'no_data'
    JOIN coverage AS before ON before.source = today.source AND before.published_on BETWEEN today.published_on - $window::INTEGER AND today.published_on - 1
    GROUP BY today.published_on, today.source
    HAVING coalesce(
        avg((before.articles + before.duplicates > 0)::INTEGER) FILTER ((today.published_on - before.published_on) % 7 = 0),
        avg((before.articles + before.duplicates > 0)::INTEGER)
    ) >= 0.5
)
SELECT 'silent' AS kind, silent.published_on, silent.source, $now::TIMESTAMP AS found_at, []::VARCHAR[] AS told_to
FROM silent
WHERE NOT EXISTS (
    SELECT 1 FROM alerts
    WHERE alerts.kind = 'silent' AND alerts.source = silent.source AND alerts.published_on > silent.heard_on
)
ORDER BY silent.source;
