-- What clean text takes out of a file or tells of it: who made it, its language, its dateline (code points of `body`), and
-- whether its bytes were once read with the wrong charset. Older articles get theirs when they are read again (`rebuild`).
ALTER TABLE articles ADD COLUMN byline VARCHAR;
ALTER TABLE articles ADD COLUMN agency VARCHAR;
ALTER TABLE articles ADD COLUMN reporters VARCHAR[];
ALTER TABLE articles ADD COLUMN editors VARCHAR[];
ALTER TABLE articles ADD COLUMN language VARCHAR;
ALTER TABLE articles ADD COLUMN dateline_start BIGINT;
ALTER TABLE articles ADD COLUMN dateline_end BIGINT;
ALTER TABLE articles ADD COLUMN mojibake_suspected BOOLEAN DEFAULT false;
