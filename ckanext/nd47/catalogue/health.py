"""State of the catalogues, for `ckan nd47 doctor`."""

from __future__ import annotations

from ckanext.nd47.catalogue import model

TABLES = tuple(model.registry.metadata.tables)
"""Tables of this room."""
