"""Actions of CKAN that this room changes."""
