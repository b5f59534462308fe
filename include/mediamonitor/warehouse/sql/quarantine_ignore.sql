UPDATE quarantine SET state = 'ignored' WHERE key = $key AND state = 'open' RETURNING key;
