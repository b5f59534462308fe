-- How many rows the table `$table_name` has, and one number for all that stands in them, whatever their order.
SELECT count(*), coalesce(bit_xor(hash(entry)), 0) FROM query_table($table_name) AS entry;
