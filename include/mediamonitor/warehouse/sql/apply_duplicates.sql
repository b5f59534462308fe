-- Write the marks of mark_duplicates.sql to the live articles; a day whose marks change is dirty.
CREATE OR REPLACE TEMP TABLE changed_marks AS
SELECT articles.article_id, articles.version, articles.published_on, mark.duplicate_of
FROM articles
JOIN duplicate_marks AS mark ON mark.article_id = articles.article_id
WHERE articles.is_current AND articles.duplicate_of IS DISTINCT FROM mark.duplicate_of;

INSERT INTO dirty_days SELECT DISTINCT published_on, $cause FROM changed_marks;
UPDATE articles SET duplicate_of = changed_marks.duplicate_of
FROM changed_marks
WHERE articles.article_id = changed_marks.article_id AND articles.version = changed_marks.version;
