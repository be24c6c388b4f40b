"""State of the catalogues, for `ckan nd47 doctor`."""

from __future__ import annotations

from ckanext.nd47.catalogue import model
from ckanext.nd47.catalogue.handover import model as handover
from ckanext.nd47.catalogue.usage import model as usage

TABLES = (*model.registry.metadata.tables, usage.TABLE, handover.TABLE)
"""Tables of this room."""
