-- The counts of the restated days from $first to $last, whose mentions are as they are to be.
INSERT INTO mention_counts BY NAME
SELECT
    published_on, source, entity_id,
    count(*) AS articles,
    count(DISTINCT story_id) AS stories,
    count(*) FILTER (WHERE opens_story) AS new_stories,
    sum(occurrences)::BIGINT AS occurrences,
    count(*) FILTER (WHERE in_title) AS title_articles,
    count(*) FILTER (WHERE in_lead) AS lead_articles
FROM article_mentions
WHERE published_on IN (SELECT published_on FROM restated) AND published_on BETWEEN $first AND $last
GROUP BY published_on, source, entity_id;
