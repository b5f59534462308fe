-- Sources with published articles whose day was told in another time zone than `given_sources` has for them now.
SELECT source, coalesce(sources.timezone, 'UTC'), coalesce(given_sources.timezone, 'UTC')
FROM given_sources
FULL JOIN sources USING (source)
WHERE coalesce(sources.timezone, 'UTC') <> coalesce(given_sources.timezone, 'UTC')
    AND source IN (
        SELECT source FROM articles
        WHERE is_current AND date_precision = 'time' AND ingested_at < (SELECT max(as_of) FROM publication_log)
    )
ORDER BY source;
