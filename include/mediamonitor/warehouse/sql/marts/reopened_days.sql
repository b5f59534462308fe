-- Days whose mentions open other stories than before; they are restated too, `cluster`. Returns how many.
CREATE OR REPLACE TEMP TABLE reopened_days AS
SELECT DISTINCT mentions.published_on
FROM article_mentions AS mentions
JOIN story_openers AS openers USING (story_id, entity_id)
WHERE mentions.published_on NOT IN (SELECT published_on FROM restated)
    AND mentions.published_on BETWEEN (SELECT min(published_on) FROM restated) - $window::INTEGER AND (SELECT max(published_on) FROM restated) + $window::INTEGER
    AND mentions.published_on IN (SELECT published_on + shift::INTEGER FROM restated, range(-$window, $window + 1) AS shifts (shift))
    AND mentions.opens_story <> (mentions.article_id = openers.article_id);
INSERT INTO restated SELECT published_on, 'cluster' FROM reopened_days;
INSERT INTO dirty_days SELECT published_on, 'cluster' FROM reopened_days;

SELECT count(*) FROM reopened_days;
