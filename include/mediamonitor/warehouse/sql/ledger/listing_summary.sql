SELECT
    (SELECT count(*) FROM listing),
    (SELECT count(*) FROM observed WHERE seq = 1),
    (SELECT count(*) FROM observed WHERE seq > 1),
    (SELECT count(*) FROM gone),
    (SELECT count(*) FROM observed WHERE ignore_rule IS NOT NULL);
