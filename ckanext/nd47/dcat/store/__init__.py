"""The stored export: its tables, their only writer, and their maintenance."""
