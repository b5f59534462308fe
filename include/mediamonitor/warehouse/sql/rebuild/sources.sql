SELECT * FROM sources;
