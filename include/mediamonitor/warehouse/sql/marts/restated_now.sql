-- The days of the publication that is made now, of all that are to be restated.
CREATE OR REPLACE TEMP TABLE restated AS SELECT * FROM all_restated WHERE published_on IN (SELECT unnest($days::DATE[]));
