SELECT * FROM quality_results;
