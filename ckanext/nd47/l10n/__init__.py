"""Vietnamese for CKAN and its extensions: messages, search, names and order."""

PUBLIC = ()
"""No other room needs it."""
