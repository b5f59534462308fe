"""How well articles are read, measured on labelled sets that lie outside the repository."""
