SELECT reason_code, stage, count(*) FROM quarantine WHERE state = 'open' GROUP BY ALL ORDER BY count(*) DESC, reason_code;
