"""Columns of the spreadsheet, and how their cells are written and read."""
