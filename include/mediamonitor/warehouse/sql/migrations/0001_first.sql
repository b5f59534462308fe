-- The schema of the first version. Column by column in docs/tables.md. No keys or indexes: uniqueness is held by the
-- statements that write, inside their transactions, and proved by `reconcile`.

-- The ledger: one row per observation (seq) of an object.
CREATE TABLE objects (
    bucket VARCHAR NOT NULL, key VARCHAR NOT NULL, seq BIGINT NOT NULL, is_current BOOLEAN NOT NULL,
    etag VARCHAR NOT NULL, size_bytes BIGINT NOT NULL, last_modified TIMESTAMP NOT NULL,
    state VARCHAR NOT NULL, reason_code VARCHAR, reason VARCHAR, articles BIGINT NOT NULL DEFAULT 0,
    batch_id VARCHAR, run_id VARCHAR, attempts BIGINT NOT NULL DEFAULT 0,
    first_seen_at TIMESTAMP NOT NULL, finished_at TIMESTAMP, source_deleted_at TIMESTAMP,
    stopped_source VARCHAR  -- of `gate_stopped`: the source that the gate stopped
);

-- When a whole listing was last compared with the ledger; what came since is `new`.
CREATE TABLE listings (bucket VARCHAR NOT NULL, prefix VARCHAR NOT NULL, run_id VARCHAR NOT NULL, objects BIGINT NOT NULL, listed_at TIMESTAMP NOT NULL);

-- `version` is the seq of the object observation that the article was read from.
CREATE TABLE articles (
    article_id VARCHAR NOT NULL, version BIGINT NOT NULL, is_current BOOLEAN NOT NULL,
    bucket VARCHAR NOT NULL, key VARCHAR NOT NULL, member VARCHAR NOT NULL, record_no BIGINT NOT NULL,
    source VARCHAR NOT NULL, source_from VARCHAR NOT NULL, url VARCHAR,
    title VARCHAR, title_key VARCHAR, body VARCHAR NOT NULL, trailer VARCHAR, headline_echo VARCHAR,
    published_at TIMESTAMP, published_on DATE, date_from VARCHAR, date_precision VARCHAR,
    encoding VARCHAR NOT NULL, body_chars BIGINT NOT NULL, body_words BIGINT NOT NULL, content_sha256 VARCHAR NOT NULL,
    duplicate_of VARCHAR, watchlist_version VARCHAR, rules_version VARCHAR NOT NULL,
    ingested_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL
);

-- Hits of current article versions.
CREATE TABLE hits (
    article_id VARCHAR NOT NULL, version BIGINT NOT NULL, published_on DATE, entity_id VARCHAR NOT NULL, alias VARCHAR NOT NULL,
    zone VARCHAR NOT NULL, start_char BIGINT NOT NULL, end_char BIGINT NOT NULL, is_counted BOOLEAN NOT NULL, why_not VARCHAR
);

CREATE TABLE entities (entity_id VARCHAR NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL, aliases VARCHAR[] NOT NULL, active_from DATE, active_to DATE);
CREATE TABLE sources (source VARCHAR NOT NULL, name VARCHAR, country VARCHAR, language VARCHAR, kind VARCHAR, owner VARCHAR, reach BIGINT, timezone VARCHAR NOT NULL);

CREATE TABLE quarantine (
    bucket VARCHAR NOT NULL, key VARCHAR NOT NULL, member VARCHAR NOT NULL, record_no BIGINT NOT NULL, etag VARCHAR NOT NULL,
    reason_code VARCHAR NOT NULL, stage VARCHAR NOT NULL, detail VARCHAR NOT NULL, sample VARCHAR NOT NULL, size_bytes BIGINT NOT NULL,
    rules_version VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, attempts BIGINT NOT NULL, state VARCHAR NOT NULL
);
CREATE TABLE quality_results (run_id VARCHAR NOT NULL, expectation VARCHAR NOT NULL, severity VARCHAR NOT NULL, success BOOLEAN NOT NULL, "rows" BIGINT NOT NULL, unexpected BIGINT NOT NULL, "at" TIMESTAMP NOT NULL);
-- Great Expectations' own pages (Data Docs) of the last validation, ready to be published.
CREATE TABLE quality_pages (path VARCHAR NOT NULL, content BLOB NOT NULL);

-- What publish has to do. `published_on` NULL is the undated partition and whatever stands on no day (ledger, quality).
CREATE TABLE dirty_days (published_on DATE, cause VARCHAR NOT NULL);
CREATE TABLE publications (publication_id BIGINT NOT NULL, published_on DATE, published_at TIMESTAMP NOT NULL, cause VARCHAR NOT NULL, is_final BOOLEAN NOT NULL);
-- One row per publication; `finished_at` NULL says that its files may not all be written.
CREATE TABLE publication_log (publication_id BIGINT NOT NULL, as_of TIMESTAMP NOT NULL, watchlist_version VARCHAR NOT NULL, rules_version VARCHAR NOT NULL, finished_at TIMESTAMP);

-- Marts: recomputed day by day.
CREATE TABLE article_mentions (
    article_id VARCHAR NOT NULL, entity_id VARCHAR NOT NULL, published_on DATE NOT NULL, source VARCHAR NOT NULL,
    occurrences BIGINT NOT NULL, in_title BOOLEAN NOT NULL, in_lead BOOLEAN NOT NULL, snippet VARCHAR NOT NULL
);
CREATE TABLE mention_counts (
    published_on DATE NOT NULL, source VARCHAR NOT NULL, entity_id VARCHAR NOT NULL,
    articles BIGINT NOT NULL, occurrences BIGINT NOT NULL, title_articles BIGINT NOT NULL, lead_articles BIGINT NOT NULL
);
CREATE TABLE coverage (
    published_on DATE, source VARCHAR NOT NULL, articles BIGINT NOT NULL, duplicates BIGINT NOT NULL, undated BIGINT NOT NULL,
    dated_by_arrival BIGINT NOT NULL, status VARCHAR, watchlist_version VARCHAR, rules_version VARCHAR
);
