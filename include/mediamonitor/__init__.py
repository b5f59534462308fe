"""Media Monitor: article files in, daily mention counts out, every file accounted for."""
