SELECT entity_id, name, active_from, active_to FROM entities
UNION ALL
SELECT source, 'owner ' || owner, NULL, NULL FROM sources WHERE owner IS NOT NULL
ORDER BY ALL;
