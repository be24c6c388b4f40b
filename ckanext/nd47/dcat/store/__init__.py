"""The stored export: its tables, the one writer, and their maintenance."""
