-- Stories: copies of one report across sources. A signature (stories/signatures.py) finds who may be a copy of whom; the
-- pairs are those that the pair test holds for, by the number of their signatures, or that have the same text.
ALTER TABLE articles ADD COLUMN story_id VARCHAR;
ALTER TABLE articles ADD COLUMN is_origin BOOLEAN;
-- The number of its signature, and for which masked lines that was made.
ALTER TABLE articles ADD COLUMN signature BIGINT;
ALTER TABLE articles ADD COLUMN signed_masks UBIGINT;
CREATE TABLE signatures (number BIGINT NOT NULL, published_on DATE NOT NULL, bands UBIGINT[] NOT NULL, heads UBIGINT[] NOT NULL, is_short BOOLEAN NOT NULL);
CREATE TABLE signature_rules (rules VARCHAR NOT NULL);
CREATE TABLE similar_pairs (one BIGINT NOT NULL, other BIGINT NOT NULL, is_similar BOOLEAN NOT NULL);
-- Ids that a story had before: an earlier copy came, or its origin left.
CREATE TABLE story_aliases (old_id VARCHAR NOT NULL, story_id VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL);

ALTER TABLE article_mentions ADD COLUMN story_id VARCHAR;
-- Whether it is the first counted article of its story for this entity.
ALTER TABLE article_mentions ADD COLUMN opens_story BOOLEAN;
ALTER TABLE mention_counts ADD COLUMN stories BIGINT;
ALTER TABLE mention_counts ADD COLUMN new_stories BIGINT;
ALTER TABLE coverage ADD COLUMN stories BIGINT;
ALTER TABLE coverage ADD COLUMN expected_articles DOUBLE;
-- Stories are never summed: how many there are on a day, in a week (from its Monday), in a month, over all sources.
CREATE TABLE story_totals (period VARCHAR NOT NULL, starts_on DATE NOT NULL, stories BIGINT NOT NULL);

-- What changed of closed days, when and why. `entity_id` NULL is the source-day itself.
CREATE TABLE mention_revisions (
    published_on DATE NOT NULL, source VARCHAR NOT NULL, entity_id VARCHAR,
    articles_before BIGINT, articles_after BIGINT, stories_before BIGINT, stories_after BIGINT,
    occurrences_before BIGINT, occurrences_after BIGINT, new_stories_before BIGINT, new_stories_after BIGINT,
    articles_total_before BIGINT, articles_total_after BIGINT, stories_total_before BIGINT, stories_total_after BIGINT,
    revised_at TIMESTAMP NOT NULL, cause VARCHAR NOT NULL
);

-- Every day is published again with its stories.
INSERT INTO dirty_days SELECT DISTINCT published_on, 'rules' FROM articles WHERE is_current;
