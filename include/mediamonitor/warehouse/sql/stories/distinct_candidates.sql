SELECT DISTINCT one, other FROM candidates;
