"""Speed, measured as ratios within one run (`make bench`); never asserted in a test."""
