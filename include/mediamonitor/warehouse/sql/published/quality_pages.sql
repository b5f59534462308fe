SELECT path, content FROM quality_pages ORDER BY path;
