-- One slice of the articles; the undated ones come last.
SELECT * EXCLUDE (version, is_current, run_id, ingested_at, watchlist_version, rules_version, keeps_day, line_hashes, masks, signature, signed_masks)
FROM articles
WHERE is_current AND (published_on IN (SELECT unnest($days::DATE[])) OR ($undated AND published_on IS NULL))
    AND article_id >= $low AND article_id < $high
ORDER BY published_on NULLS LAST, article_id;
