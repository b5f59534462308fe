"""How right a watchlist is: sentences drawn for coding by hand, and what the codes say (docs/watchlist.md)."""
