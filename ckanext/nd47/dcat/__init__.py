"""The DCAT export: the mapping, the profile, the stored export and the routes that serve it."""

PUBLIC = ()
"""No other room needs it."""
