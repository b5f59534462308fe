SELECT
    count(*) FILTER (WHERE outcome = 'article'),
    count(*) FILTER (WHERE outcome = 'quarantined'),
    count(*) FILTER (WHERE outcome = 'deferred'),
    count(*) FILTER (WHERE outcome = 'vanished'),
    (SELECT count(*) FROM staged)
FROM judged;
