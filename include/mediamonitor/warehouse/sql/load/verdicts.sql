-- The rows of one batch that do not load (schema VERDICT). `failed` says which expectation a row fails, `explained` what
-- that means, `stopped` which sources the gate stopped, `held_back` which records it stopped before.
SELECT
    staged.key, staged.seq, staged.member, staged.record_no,
    CASE WHEN failed.row_id IS NOT NULL THEN 'quarantined' ELSE 'deferred' END AS outcome,
    coalesce(failed.reason_code, 'gate_stopped') AS reason_code,
    CASE
        WHEN failed.row_id IS NOT NULL THEN explained.detail
        WHEN held_back.key IS NOT NULL THEN 'its source was stopped in an earlier run; look at quarantine, then run ingest with accept_failures'
        ELSE stopped.detail
    END AS detail
FROM (SELECT *, rowid AS row_id, CASE WHEN NOT let_in THEN source END AS judged_source FROM staged) AS staged
LEFT JOIN failed ON failed.row_id = staged.row_id
LEFT JOIN explained ON explained.reason_code = failed.reason_code
LEFT JOIN held_back ON held_back.key = staged.key AND held_back.member = staged.member AND held_back.record_no = staged.record_no
LEFT JOIN stopped ON stopped.source = staged.judged_source
WHERE staged.batch_id = $batch_id AND staged.outcome = 'article'
    AND (failed.row_id IS NOT NULL OR held_back.key IS NOT NULL OR stopped.source IS NOT NULL);
