-- The watchlist (as `given_entities`) into its table. Zeros are not stored, so it moves no day by itself: the views in
-- `media.duckdb` and the tables by month have them, and are published again.
CREATE OR REPLACE TEMP TABLE changed_entities AS
(FROM given_entities EXCEPT FROM entities) UNION ALL (FROM entities EXCEPT FROM given_entities);
DELETE FROM entities WHERE EXISTS (SELECT 1 FROM changed_entities);
INSERT INTO entities SELECT * FROM given_entities WHERE EXISTS (SELECT 1 FROM changed_entities);
INSERT INTO dirty_days SELECT NULL, 'watchlist' WHERE EXISTS (SELECT 1 FROM changed_entities);

-- Its groups (`given_groups`). They change no count of a day.
CREATE OR REPLACE TEMP TABLE changed_groups AS
(FROM given_groups EXCEPT FROM groups) UNION ALL (FROM groups EXCEPT FROM given_groups);
DELETE FROM groups WHERE EXISTS (SELECT 1 FROM changed_groups);
INSERT INTO groups SELECT * FROM given_groups WHERE EXISTS (SELECT 1 FROM changed_groups);
INSERT INTO dirty_days SELECT NULL, 'watchlist' WHERE EXISTS (SELECT 1 FROM changed_groups);
