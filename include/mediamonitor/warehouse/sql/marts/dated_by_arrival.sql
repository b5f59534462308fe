-- The source-days published now of which more than half is dated by arrival.
SELECT source, published_on, dated_by_arrival, articles
FROM coverage
WHERE 2 * dated_by_arrival > articles AND published_on IN (SELECT published_on FROM restated)
ORDER BY source, published_on;
