-- What an entity is called.
SELECT name, aliases FROM entities WHERE entity_id = $entity_id;
