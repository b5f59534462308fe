-- The text itself is one more number: the same text is always looked at. One of few words has no other.
INSERT INTO signatures
SELECT
    number, $day::DATE,
    list_append(CASE WHEN exact IS NULL THEN bands ELSE [exact] END, ('0x' || left(content_sha256, 16))::UBIGINT),
    CASE WHEN exact IS NULL THEN heads ELSE [] END,
    is_short
FROM signed;
