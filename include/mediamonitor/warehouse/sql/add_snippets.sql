INSERT INTO snippets SELECT article_id, entity_id, snippet FROM made;
