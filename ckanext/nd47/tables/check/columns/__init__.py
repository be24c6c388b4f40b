"""Columns of a table: what their cells look like, doubtful values, and how they are stored."""
