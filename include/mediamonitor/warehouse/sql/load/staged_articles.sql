-- The articles among the staged records; what another run has taken over meanwhile is not staged any more.
SELECT count(*) FROM staged WHERE outcome = 'article';
