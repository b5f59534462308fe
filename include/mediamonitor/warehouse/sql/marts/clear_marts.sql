-- The mentions and counts of the restated days go; `counts_before` keeps what the counts were.
CREATE OR REPLACE TEMP TABLE counts_before AS SELECT * FROM mention_counts WHERE published_on IN (SELECT published_on FROM restated);
DELETE FROM article_mentions WHERE published_on IN (SELECT published_on FROM restated);
DELETE FROM mention_counts WHERE published_on IN (SELECT published_on FROM restated);
