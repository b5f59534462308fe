-- Every article that has a place, but for those tied to one that left or reads otherwise since: they get another.
CREATE OR REPLACE TEMP TABLE tied AS
SELECT one AS number, other FROM similar_pairs UNION ALL SELECT other, one FROM similar_pairs;
CREATE OR REPLACE TEMP TABLE affected AS
WITH RECURSIVE unsettled AS (
    SELECT signature AS number FROM articles
    WHERE signature IS NOT NULL AND (NOT is_current OR masks IS DISTINCT FROM signed_masks)
    UNION
    SELECT tied.other FROM unsettled JOIN tied USING (number)
)
SELECT number FROM signatures WHERE number NOT IN (SELECT number FROM unsettled);
