SELECT article_id, version, published_on, title, body, trailer, headline_echo, byline, dateline_start, dateline_end
FROM articles
WHERE rowid BETWEEN $first AND $last AND is_current
    AND (watchlist_version IS DISTINCT FROM $watchlist_version OR NOT ends_with(rules_version, $matching_rules));
