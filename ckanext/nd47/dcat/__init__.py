"""The DCAT export: the mapping, the profile, the stored export and the routes that serve it."""

PUBLIC = ("health",)
"""Modules that other rooms may import; the others are the inside of this room."""
