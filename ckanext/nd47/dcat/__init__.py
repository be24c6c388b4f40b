"""The DCAT export: the mapping, the profile, the stored export and the routes that serve it."""

from ckanext.nd47.lib import needs

needs.require()

PUBLIC = ("health",)
"""Modules that other rooms may import; the others are the inside of this room."""
