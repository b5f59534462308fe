-- Which days may get or lose recurring lines: those within a window of a day whose articles changed. Their windows hold
-- days on either side, so more days are looked at. Returns how many days may change, and how many lines stand on those.
CREATE OR REPLACE TEMP TABLE masked_days AS
SELECT DISTINCT published_on + shift::INTEGER AS published_on
FROM dirty_days, range(1 - $window, $window) AS shifts (shift)
WHERE published_on IS NOT NULL AND cause NOT IN ('watchlist', 'rules', 'boilerplate', 'closed');  -- those change no article

CREATE OR REPLACE TEMP TABLE looked_at AS
SELECT DISTINCT published_on + shift::INTEGER AS published_on
FROM masked_days, range(1 - $window, $window) AS shifts (shift);

CREATE OR REPLACE TEMP TABLE source_days AS
SELECT source, published_on, count(*) AS articles, sum(len(line_hashes)) AS lines
FROM articles
WHERE is_current AND source <> $unknown AND published_on IN (SELECT published_on FROM looked_at)
GROUP BY source, published_on;

CREATE OR REPLACE TEMP TABLE fresh_recurring (source VARCHAR, line_hash UBIGINT, published_on DATE, articles BIGINT, article_rowid BIGINT);

SELECT (SELECT count(*) FROM masked_days), (SELECT coalesce(sum(lines), 0)::BIGINT FROM source_days);
