-- The months of which anything is known.
SELECT DISTINCT date_trunc('month', published_on)::DATE FROM coverage WHERE published_on IS NOT NULL ORDER BY ALL;
