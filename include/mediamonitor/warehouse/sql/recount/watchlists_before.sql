-- The watchlists that current articles were matched with, where the rules of matching are still the same.
SELECT DISTINCT watchlist_version, content
FROM watchlists
SEMI JOIN (
    SELECT watchlist_version FROM articles WHERE is_current AND ends_with(rules_version, $matching_rules)
) AS used USING (watchlist_version)
WHERE watchlist_version <> $watchlist_version
ORDER BY ALL;
