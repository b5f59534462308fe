-- Of days that stand out within $quiet_days::INTEGER of each other only the first is a spike.
DELETE FROM spikes WHERE published_on IN (SELECT published_on FROM spike_days);
INSERT INTO spikes
SELECT raised.*
FROM raised_days AS raised
WHERE raised.published_on IN (SELECT published_on FROM spike_days)
    AND NOT EXISTS (
        SELECT 1 FROM raised_days AS earlier
        WHERE earlier.entity_id = raised.entity_id AND earlier.published_on BETWEEN raised.published_on - $quiet_days::INTEGER AND raised.published_on - 1
    )
ORDER BY raised.published_on, raised.entity_id;
