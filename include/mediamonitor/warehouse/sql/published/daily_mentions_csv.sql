-- The days follow one another, and a range reaches the tables below the view; a list of days would not.
COPY (
    SELECT * REPLACE (sheet_cell(entity_id) AS entity_id, sheet_cell(name) AS name)
    FROM daily_totals
    WHERE published_on BETWEEN list_min($days::DATE[]) AND list_max($days::DATE[])
    ORDER BY published_on, daily_totals.entity_id
) TO $path (FORMAT csv, HEADER true);
