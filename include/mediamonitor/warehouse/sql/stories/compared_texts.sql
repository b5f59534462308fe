-- What articles are compared by, of the `wanted` numbers on these days: the title, and the body without dateline and masked
-- lines.
CREATE OR REPLACE TEMP MACRO compared_texts(first_day, last_day) AS TABLE
WITH chosen AS (
    SELECT signature AS number, title, body, dateline_start, dateline_end, source, published_on, masks, line_hashes, content_sha256
    FROM articles
    WHERE is_current AND published_on BETWEEN first_day AND last_day
        AND signature IN (SELECT number FROM wanted)
),
masked AS (
    SELECT number, list(line_hash) AS hashes
    FROM (SELECT number, source, published_on, unnest(line_hashes) AS line_hash FROM chosen WHERE masks IS NOT NULL)
    JOIN recurring_days USING (source, line_hash, published_on)
    JOIN recurring_lines USING (source, line_hash)
    WHERE NOT allowed
    GROUP BY number
),
shown AS (
    SELECT
        chosen.* EXCLUDE (body),
        CASE
            WHEN masked.hashes IS NULL THEN body
            ELSE array_to_string(list_filter(string_split(body, chr(10)), lambda line: NOT list_contains(masked.hashes, md5_number_lower(line))), chr(10))
        END AS body,
        substr(body, dateline_start + 1, dateline_end - dateline_start) AS dateline
    FROM chosen
    LEFT JOIN masked USING (number)
)
SELECT
    number, published_on, content_sha256, coalesce(title, '') AS title,
    CASE WHEN dateline IS NULL OR dateline = '' THEN body ELSE replace(body, dateline, '') END AS body
FROM shown;
