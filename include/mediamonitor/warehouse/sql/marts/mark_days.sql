-- Days that become dirty by the clock, by request, or because the published files were lost.
INSERT INTO dirty_days
SELECT published_on, 'closed'
FROM (SELECT published_on, arg_max(is_final, publication_id) AS is_final FROM publications WHERE published_on IS NOT NULL GROUP BY published_on)
WHERE NOT is_final AND published_on::TIMESTAMP + to_seconds($close_seconds) <= $now::TIMESTAMP;

INSERT INTO dirty_days
SELECT DISTINCT published_on, 'requested'
FROM articles
WHERE is_current AND published_on IS NOT NULL AND published_on BETWEEN $from_day AND $to_day
UNION
SELECT unnest($more_days::DATE[]), 'requested';
