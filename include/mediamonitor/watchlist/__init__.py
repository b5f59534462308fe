"""Watchlist: the names that are counted, and where they stand."""
