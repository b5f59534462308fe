-- What each watchlist said that current articles were matched with, so that a recount can tell what has changed.
CREATE TABLE watchlists (watchlist_version VARCHAR NOT NULL, content VARCHAR NOT NULL);
