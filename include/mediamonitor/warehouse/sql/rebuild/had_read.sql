-- Objects of which there is something live, or whose content was refused: a rebuild has to read them again.
SELECT DISTINCT key FROM objects WHERE bucket = $bucket AND (state IN ('loaded', 'partial') OR (is_current AND state = 'quarantined'));
