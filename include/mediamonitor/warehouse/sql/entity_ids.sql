SELECT entity_id FROM entities;
