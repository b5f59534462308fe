INSERT INTO schema_version VALUES ($version, now() AT TIME ZONE 'UTC');
