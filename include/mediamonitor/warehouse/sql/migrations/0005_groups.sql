-- Entities that are compared with each other (watchlist.yaml).
CREATE TABLE groups (group_id VARCHAR NOT NULL, name VARCHAR NOT NULL, entity_ids VARCHAR[] NOT NULL);
