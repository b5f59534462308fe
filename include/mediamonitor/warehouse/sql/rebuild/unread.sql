-- Objects that have no verdict and need one. What was never read (`had_read`, where that is known), such as an archived
-- object, may stay deferred: every run tries it again.
SELECT count(*) FROM objects
WHERE is_current
    AND (state = 'waiting' OR (state = 'deferred' AND reason_code <> 'gate_stopped' AND (NOT $is_known OR key IN (SELECT key FROM had_read))));
