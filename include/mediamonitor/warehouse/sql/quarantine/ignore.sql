UPDATE quarantine SET state = 'ignored'
WHERE state = 'open' AND ($key IS NULL OR key = $key OR concat(key, ':', member, ':', record_no) = $key)
    AND ($source IS NULL OR source = $source)
    AND ($reason IS NULL OR reason_code = $reason OR starts_with(reason_code, $reason || ':'))
RETURNING key;
