-- Batches of this run in which an object still waits for its verdict.
SELECT DISTINCT batch_id FROM objects WHERE run_id = $run_id AND batch_id IS NOT NULL AND is_current AND state = 'waiting' ORDER BY batch_id;
