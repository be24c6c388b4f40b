"""Finds agencies by their names, lists them, and searches datasets by their contact."""
