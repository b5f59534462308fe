SELECT * FROM mention_revisions;
