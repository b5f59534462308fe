-- Everyone whose place may change: the fresh and the touched, and whoever is tied to them by pairs, from one to the next.
CREATE OR REPLACE TEMP TABLE tied AS
SELECT one AS number, other FROM similar_pairs UNION ALL SELECT other, one FROM similar_pairs;
CREATE OR REPLACE TEMP TABLE affected AS
WITH RECURSIVE reached AS (
    SELECT number FROM fresh
    UNION
    SELECT number FROM touched
    UNION
    SELECT tied.other FROM reached JOIN tied USING (number)
)
SELECT number FROM reached;
