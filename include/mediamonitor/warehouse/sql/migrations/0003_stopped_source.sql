-- The quarantine says it now. DuckDB cannot drop a column in the transaction that adds another to the same table.
ALTER TABLE objects DROP COLUMN stopped_source;
