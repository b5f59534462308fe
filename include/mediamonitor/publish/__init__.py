"""Publish: the counts of the days that changed, and the files that readers open."""
