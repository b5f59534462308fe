-- What clean text takes out of a file or tells of it: who made it, its language, its dateline (code points of `body`), and
-- whether its bytes were once read with the wrong charset. Older articles get theirs when they are read again (`rebuild`).
ALTER TABLE articles ADD COLUMN byline VARCHAR;
ALTER TABLE articles ADD COLUMN agency VARCHAR;
ALTER TABLE articles ADD COLUMN reporters VARCHAR[];
ALTER TABLE articles ADD COLUMN editors VARCHAR[];
ALTER TABLE articles ADD COLUMN language VARCHAR;
ALTER TABLE articles ADD COLUMN dateline_start BIGINT;
ALTER TABLE articles ADD COLUMN dateline_end BIGINT;

-- Lines that recur across a source's articles. `line_hashes` are those of the body's lines that can be one, `masks` is one
-- number for the lines that an article was last matched without (NULL: none).
ALTER TABLE articles ADD COLUMN line_hashes UBIGINT[];
ALTER TABLE articles ADD COLUMN masks UBIGINT;
-- Last: DuckDB 1.5.5 cannot alter a filled table again once a column with a default was added to it in the transaction.
ALTER TABLE articles ADD COLUMN mojibake_suspected BOOLEAN DEFAULT false;
CREATE TABLE recurring_lines (
    source VARCHAR NOT NULL, line_hash UBIGINT NOT NULL, line_sha256 VARCHAR NOT NULL, line VARCHAR NOT NULL,
    articles BIGINT NOT NULL, first_on DATE NOT NULL, last_on DATE NOT NULL, allowed BOOLEAN NOT NULL
);
-- On which days it is boilerplate, and in how many articles it stands there.
CREATE TABLE recurring_days (source VARCHAR NOT NULL, line_hash UBIGINT NOT NULL, published_on DATE NOT NULL, articles BIGINT NOT NULL);
