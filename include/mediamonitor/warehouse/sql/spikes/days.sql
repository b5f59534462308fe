-- The days whose spikes may be other ones now: a restated day is in the baselines of the $window::INTEGER days after it, and a
-- day that stands out keeps the next $quiet_days::INTEGER from being the first. All days, if the rule, the owners or the first
-- days of entities are others.
CREATE OR REPLACE TEMP TABLE basis_now AS
SELECT $rule || ' ' || coalesce((SELECT md5(string_agg(source || '=' || owner, '|' ORDER BY source)) FROM sources WHERE owner IS NOT NULL), '')
    || ' ' || coalesce((SELECT md5(string_agg(entity_id || '=' || active_from, '|' ORDER BY entity_id)) FROM entities WHERE active_from IS NOT NULL), '') AS basis;
CREATE OR REPLACE TEMP TABLE spike_days AS
SELECT published_on FROM coverage WHERE published_on IS NOT NULL AND (SELECT basis FROM basis_now) IS DISTINCT FROM (SELECT basis FROM spike_basis)
UNION
SELECT day::DATE
FROM (SELECT unnest(generate_series(published_on, published_on + $window::INTEGER + $quiet_days::INTEGER, INTERVAL 1 DAY)) AS day FROM restated)
WHERE day <= (SELECT greatest((SELECT max(published_on) FROM coverage), (SELECT max(published_on) FROM restated)));
DELETE FROM spike_basis;
INSERT INTO spike_basis SELECT basis FROM basis_now;
DELETE FROM raised_days WHERE published_on IN (SELECT published_on FROM spike_days);

SELECT published_on FROM spike_days ORDER BY published_on;
