CREATE OR REPLACE TEMP TABLE story_openers (story_id VARCHAR, entity_id VARCHAR, article_id VARCHAR);
