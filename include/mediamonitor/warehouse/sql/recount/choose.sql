-- Stale articles in which one of the `names` may stand: a pattern for the folded spellings. Invisible characters are looked
-- through; `either` is both patterns in one, since the first of them costs the whole time.
INSERT INTO chosen
SELECT rowid
FROM articles
WHERE is_current
    AND rowid IN (SELECT article_rowid FROM stale WHERE is_known)
    AND rowid NOT IN (SELECT article_rowid FROM chosen)
    AND list_bool_or([
        CASE WHEN regexp_matches(text, $either) THEN regexp_matches(regexp_replace(text, $invisible, '', 'g'), $names) ELSE false END
        FOR text IN [title, body, trailer, byline, headline_echo]
    ]);
