-- About how many bytes of text are looked at for the mentions of each restated day.
SELECT published_on, count(*) * 1200 FROM hits
WHERE is_counted AND published_on IN (SELECT published_on FROM restated)
    AND published_on BETWEEN (SELECT min(published_on) FROM restated) AND (SELECT max(published_on) FROM restated)
GROUP BY published_on
ORDER BY published_on;
