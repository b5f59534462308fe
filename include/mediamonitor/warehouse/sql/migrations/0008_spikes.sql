-- Spikes: days on which an entity's share of the articles stood out, and what is told of them.

-- Every day that stands out; of days that follow each other `spikes` has the first.
CREATE TABLE raised_days (
    published_on DATE NOT NULL, entity_id VARCHAR NOT NULL, share DOUBLE NOT NULL, baseline_share DOUBLE NOT NULL, score DOUBLE NOT NULL,
    sources BIGINT NOT NULL, owners BIGINT NOT NULL, articles BIGINT NOT NULL
);
CREATE TABLE spikes (
    published_on DATE NOT NULL, entity_id VARCHAR NOT NULL, share DOUBLE NOT NULL, baseline_share DOUBLE NOT NULL, score DOUBLE NOT NULL,
    sources BIGINT NOT NULL, owners BIGINT NOT NULL, articles BIGINT NOT NULL
);
-- With which rule and which owners they were found; with others every day is judged again.
CREATE TABLE spike_basis (basis VARCHAR NOT NULL);
-- What is to be told once. `kind`: `spike` (of `entity_id`), `silent` (the source). `told_to`: the channels that have it.
CREATE TABLE alerts (
    kind VARCHAR NOT NULL, published_on DATE NOT NULL, entity_id VARCHAR, source VARCHAR, found_at TIMESTAMP NOT NULL,
    told_at TIMESTAMP, told_to VARCHAR[] NOT NULL
);
