-- These alerts (as `told`) were told to a channel.
UPDATE alerts SET told_at = $now::TIMESTAMP, told_to = list_append(told_to, $channel)
FROM told
WHERE alerts.kind = told.kind AND alerts.published_on = told.published_on
    AND alerts.entity_id IS NOT DISTINCT FROM told.entity_id AND alerts.source IS NOT DISTINCT FROM told.source;
