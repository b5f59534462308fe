-- The days of the fresh articles, and how many stand on each.
SELECT published_on, count(*) FROM fresh GROUP BY published_on ORDER BY published_on;
