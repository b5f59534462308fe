"""Warehouse: one DuckDB file, one process at a time, its SQL in files."""
