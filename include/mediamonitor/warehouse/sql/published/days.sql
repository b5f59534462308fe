SELECT published_on FROM publications WHERE publication_id = $publication_id AND published_on IS NOT NULL ORDER BY published_on;
