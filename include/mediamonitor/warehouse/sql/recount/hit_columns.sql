-- The shape of `hits`.
SELECT * FROM hits LIMIT 0;
