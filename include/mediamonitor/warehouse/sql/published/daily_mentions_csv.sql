-- The days follow one another, and a range reaches the tables below the view; a list of days would not.
-- A spreadsheet would run a cell that begins like a formula; it gets an apostrophe before it (contract §4).
COPY (
    SELECT * REPLACE (regexp_replace(entity_id, '^([=+@\t\r-])', '''\1') AS entity_id, regexp_replace(name, '^([=+@\t\r-])', '''\1') AS name)
    FROM daily_totals
    WHERE published_on BETWEEN list_min($days::DATE[]) AND list_max($days::DATE[])
    ORDER BY published_on, daily_totals.entity_id
) TO $path (FORMAT csv, HEADER true);
