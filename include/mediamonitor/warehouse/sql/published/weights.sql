-- About how many bytes of each published table stand on each day, so that it can be read in pieces.
SELECT 'articles' AS name, published_on, sum(body_chars * 3 // 2 + 700)::BIGINT AS bytes
FROM articles
WHERE is_current AND (published_on IS NULL OR published_on IN (SELECT unnest($days::DATE[])))
GROUP BY published_on
UNION ALL
SELECT 'hits', published_on, count(*) * 250 FROM hits
WHERE published_on IS NULL OR published_on IN (SELECT unnest($days::DATE[]))
GROUP BY published_on
UNION ALL
SELECT 'article_mentions', published_on, count(*) * 600 FROM article_mentions
WHERE published_on IN (SELECT unnest($days::DATE[]))
GROUP BY published_on
UNION ALL
SELECT 'mention_counts', published_on, count(*) * 150 FROM mention_counts
WHERE published_on IN (SELECT unnest($days::DATE[]))
GROUP BY published_on
ORDER BY name, published_on NULLS LAST;
