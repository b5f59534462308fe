"""Stories: which articles are copies of one report, and which only look like it."""
