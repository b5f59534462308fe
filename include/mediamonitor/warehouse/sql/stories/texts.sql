-- The texts of the `wanted` numbers on these days, with the part of each.
SELECT number, published_on, content_sha256, title, body, wanted.part
FROM compared_texts($first, $last)
JOIN wanted USING (number);
