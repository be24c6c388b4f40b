"""State of the catalogues, for `ckan nd47 doctor`."""

from __future__ import annotations

from ckanext.nd47.catalogue.editions.handover import model as handover
from ckanext.nd47.catalogue.records import model
from ckanext.nd47.catalogue.reports.usage import model as usage

TABLES = (*model.registry.metadata.tables, usage.TABLE, handover.TABLE)
"""Tables of this room."""
