-- The recurring lines found anew (`fresh_recurring`) into their tables, and into the articles: one whose masked lines are
-- others than those it was matched without is matched again if any name stands in it, and makes its day dirty.
-- `allowed_lines` are those that a source asks to keep.
DELETE FROM recurring_days WHERE published_on IN (SELECT published_on FROM masked_days);
INSERT INTO recurring_days SELECT source, line_hash, published_on, articles FROM fresh_recurring;

INSERT INTO recurring_lines
SELECT source, line_hash, sha256(line), line, 0, first_on, first_on, false
FROM (
    SELECT fresh.source, fresh.line_hash, fresh.first_on, list_filter(string_split(articles.body, chr(10)), lambda line: md5_number_lower(line) = fresh.line_hash)[1] AS line
    FROM (SELECT source, line_hash, min(published_on) AS first_on, min(article_rowid) AS article_rowid FROM fresh_recurring GROUP BY source, line_hash) AS fresh
    JOIN articles ON articles.rowid = fresh.article_rowid
    ANTI JOIN recurring_lines AS known ON known.source = fresh.source AND known.line_hash = fresh.line_hash
);
DELETE FROM recurring_lines WHERE (source, line_hash) NOT IN (SELECT (source, line_hash) FROM recurring_days);
UPDATE recurring_lines SET articles = found.articles, first_on = found.first_on, last_on = found.last_on
FROM (
    SELECT source, line_hash, sum(articles) AS articles, min(published_on) AS first_on, max(published_on) AS last_on
    FROM recurring_days
    GROUP BY source, line_hash
) AS found
WHERE recurring_lines.source = found.source AND recurring_lines.line_hash = found.line_hash;

CREATE OR REPLACE TEMP TABLE changed_allowances AS
SELECT source, line_hash
FROM recurring_lines
WHERE allowed <> ((source, line) IN (SELECT (source, line) FROM allowed_lines));
UPDATE recurring_lines SET allowed = NOT allowed
WHERE (source, line_hash) IN (SELECT (source, line_hash) FROM changed_allowances);

CREATE OR REPLACE TEMP TABLE changed_masks AS
WITH touched AS (
    SELECT published_on FROM masked_days
    UNION
    SELECT published_on FROM recurring_days SEMI JOIN changed_allowances USING (source, line_hash)
),
masked AS (
    SELECT article_rowid, bit_xor(line_hash) AS masks
    FROM (
        SELECT rowid AS article_rowid, source, published_on, unnest(line_hashes) AS line_hash
        FROM articles
        WHERE is_current AND published_on IN (SELECT published_on FROM touched)
    )
    SEMI JOIN (
        SELECT source, line_hash, published_on FROM recurring_days JOIN recurring_lines USING (source, line_hash) WHERE NOT allowed
    ) AS boilerplate USING (source, line_hash, published_on)
    GROUP BY article_rowid
)
SELECT articles.rowid AS article_rowid, articles.article_id, articles.version, articles.published_on, masked.masks
FROM articles
LEFT JOIN masked ON masked.article_rowid = articles.rowid
WHERE articles.is_current AND articles.published_on IN (SELECT published_on FROM touched) AND articles.masks IS DISTINCT FROM masked.masks;

CREATE OR REPLACE TEMP TABLE changed_with_hits AS
SELECT DISTINCT article_id, version FROM hits SEMI JOIN changed_masks USING (article_id, version);
UPDATE articles SET
    masks = changed.masks,
    watchlist_version = CASE WHEN changed.has_hits THEN NULL ELSE watchlist_version END
FROM (
    SELECT changed_masks.*, (article_id, version) IN (SELECT (article_id, version) FROM changed_with_hits) AS has_hits
    FROM changed_masks
) AS changed
WHERE articles.rowid = changed.article_rowid;
INSERT INTO dirty_days
SELECT DISTINCT published_on, 'boilerplate' FROM changed_masks SEMI JOIN changed_with_hits USING (article_id, version);

SELECT count(*) FROM changed_masks;
