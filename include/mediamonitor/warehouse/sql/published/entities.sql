SELECT entity_id, name, active_from, active_to FROM entities ORDER BY entity_id;
