"""Readers of files: each yields tables, or geometries, without holding the file."""
