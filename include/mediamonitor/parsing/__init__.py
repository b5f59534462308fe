"""Parsing: bytes to a clean article, by rules that are data."""
