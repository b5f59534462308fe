-- How many sources `sources.yaml` described at the last publication.
SELECT count(*) FROM sources;
