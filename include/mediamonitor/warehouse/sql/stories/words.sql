-- A number for each word of the same texts, by which their signatures are made; texts of few words come along.
-- In scripts without spaces a character is a word.
SELECT number, content_sha256, words, CASE WHEN len(words) < $few THEN title END AS title, CASE WHEN len(words) < $few THEN body END AS body
FROM (
    SELECT
        number, content_sha256, title, body,
        list_transform(
            regexp_extract_all(lower(body), '[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Myanmar}\p{Khmer}]|[\p{L}\p{M}\p{N}]+'),
            lambda word: hash(word)
        ) AS words
    FROM compared_texts($first, $last)
)
ORDER BY number;
