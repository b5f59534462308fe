-- Objects that have no verdict, since they could not be read.
SELECT count(*) FROM objects WHERE is_current AND (state = 'waiting' OR (state = 'deferred' AND reason_code <> 'gate_stopped'));
