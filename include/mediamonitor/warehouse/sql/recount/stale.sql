-- Articles matched with another watchlist or other matching rules than the given ones (`stale`, $most at once), and of
-- those the ones that are matched again whatever they hold (`chosen`): their list is not among `known_versions`, or the
-- rules are others.
CREATE OR REPLACE TEMP TABLE stale AS
SELECT rowid AS article_rowid, ends_with(rules_version, $matching_rules) AND watchlist_version IN (SELECT watchlist_version FROM known_versions) AS is_known
FROM articles
WHERE is_current AND (watchlist_version IS DISTINCT FROM $watchlist_version OR NOT ends_with(rules_version, $matching_rules))
ORDER BY rowid
LIMIT $most;

CREATE OR REPLACE TEMP TABLE chosen AS SELECT article_rowid FROM stale WHERE is_known IS NOT TRUE;

SELECT count(*) FROM stale;
