-- Verdicts on single records, a ledger that can take an object again, and articles whose day is not their own.

-- `let_in`: somebody decided that this observation is taken whatever fails in it; the gate does not judge it.
ALTER TABLE objects ADD COLUMN let_in BOOLEAN DEFAULT false;
-- `keeps_day`: a correction without a date of its own that keeps the day of the version before.
ALTER TABLE articles ADD COLUMN keeps_day BOOLEAN DEFAULT false;

-- `seq` is the observation that was refused, `rest` says that the refusal also stands for every record after it, and
-- `rules_version` with which rules of parsing and which `sources.yaml` it was refused.
ALTER TABLE quarantine ADD COLUMN seq BIGINT;
ALTER TABLE quarantine ADD COLUMN source VARCHAR;
ALTER TABLE quarantine ADD COLUMN rest BOOLEAN DEFAULT false;
UPDATE quarantine SET
    source = 'unknown',
    rules_version = 'before 2',
    seq = (SELECT max(seq) FROM objects WHERE objects.bucket = quarantine.bucket AND objects.key = quarantine.key AND objects.etag = quarantine.etag);

-- What the gate holds back stands in the quarantine too.
INSERT INTO quarantine BY NAME
SELECT
    bucket, key, '' AS member, 1 AS record_no, etag, reason_code, 'validate' AS stage, coalesce(reason, '') AS detail, '' AS sample,
    size_bytes, 'before 2' AS rules_version, first_seen_at, attempts, 'open' AS state, seq, stopped_source AS source, false AS rest
FROM objects
WHERE is_current AND state = 'deferred' AND reason_code = 'gate_stopped';
