-- What a channel has not been told yet, if it is still so: a spike that a late file took away is told to nobody. Old
-- alerts neither: a channel that is set up today does not get last year's.
SELECT
    alerts.kind, alerts.published_on, alerts.entity_id, entities.name, alerts.source,
    spikes.articles, spikes.owners, spikes.share, spikes.baseline_share, spikes.score,
    (
        SELECT max(before.published_on) FROM coverage AS before
        WHERE before.source = alerts.source AND before.published_on < alerts.published_on AND before.articles + before.duplicates > 0
    ) AS heard_on
FROM alerts
LEFT JOIN spikes ON spikes.published_on = alerts.published_on AND spikes.entity_id = alerts.entity_id
LEFT JOIN entities ON entities.entity_id = alerts.entity_id
LEFT JOIN coverage AS silent ON silent.published_on = alerts.published_on AND silent.source = alerts.source AND silent.status = 'no_data'
WHERE NOT list_contains(alerts.told_to, $channel) AND alerts.found_at > $now::TIMESTAMP - to_days($kept_days::INTEGER)
    AND (spikes.entity_id IS NOT NULL OR silent.source IS NOT NULL)
ORDER BY alerts.published_on, alerts.kind, alerts.entity_id, alerts.source;
