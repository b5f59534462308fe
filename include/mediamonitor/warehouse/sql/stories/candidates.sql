-- Pairs of articles that may be copies, with at least one fresh article of the days from $first to $last: those that share
-- a number of their signatures, within $window days. One part of many by the number, since a day may hold millions.
INSERT INTO candidates
WITH of_fresh AS (
    SELECT number, published_on, is_short, kind, key
    FROM (
        SELECT number, published_on, is_short, 'band' AS kind, unnest(bands) AS key FROM signatures SEMI JOIN fresh USING (number) WHERE published_on BETWEEN $first AND $last
        UNION ALL
        SELECT number, published_on, is_short, 'head', unnest(heads) FROM signatures SEMI JOIN fresh USING (number) WHERE published_on BETWEEN $first AND $last
    )
    WHERE key % $parts::UBIGINT = $part::UBIGINT
),
of_all AS (
    SELECT number, published_on, is_short, kind, key
    FROM (
        SELECT number, published_on, is_short, 'band' AS kind, unnest(bands) AS key FROM signatures WHERE published_on BETWEEN $first::DATE - $window AND $last::DATE + $window
        UNION ALL
        SELECT number, published_on, is_short, 'head', unnest(heads) FROM signatures WHERE published_on BETWEEN $first::DATE - $window AND $last::DATE + $window
    )
    WHERE key % $parts::UBIGINT = $part::UBIGINT
)
SELECT DISTINCT least(one.number, other.number), greatest(one.number, other.number)
FROM of_fresh AS one
JOIN of_all AS other ON other.key = one.key AND other.kind = one.kind
WHERE one.number <> other.number
    AND abs(one.published_on - other.published_on) <= $window
    AND (one.kind = 'band' OR one.is_short OR other.is_short);
