-- Stale articles in which one of the `names` may stand, a pattern for the folded spellings. Invisible characters are looked
-- through, in the few texts that have any; plain ASCII has none.
CREATE OR REPLACE TEMP MACRO may_name(text, names, invisible) AS
    regexp_matches(text, names) OR CASE
        WHEN strlen(text) > length(text) THEN regexp_matches(text, invisible) AND regexp_matches(regexp_replace(text, invisible, '', 'g'), names)
        ELSE false
    END;

INSERT INTO chosen
SELECT rowid
FROM articles
WHERE is_current
    AND rowid IN (SELECT article_rowid FROM stale WHERE is_known)
    AND rowid NOT IN (SELECT article_rowid FROM chosen)
    AND (
        may_name(body, $names, $invisible) OR may_name(title, $names, $invisible) OR may_name(trailer, $names, $invisible)
        OR may_name(byline, $names, $invisible) OR may_name(headline_echo, $names, $invisible)
    );
