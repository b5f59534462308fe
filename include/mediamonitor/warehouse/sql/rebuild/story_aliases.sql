SELECT * FROM story_aliases;
