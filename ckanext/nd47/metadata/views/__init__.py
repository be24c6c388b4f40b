"""Pages and downloads of the plugin `nd47`, one module for each matter."""

from __future__ import annotations

from ckanext.nd47.metadata.rules.views import nd47_rules
from ckanext.nd47.metadata.views.citation import nd47_citation
from ckanext.nd47.metadata.views.former_names import nd47_former_names
from ckanext.nd47.metadata.views.settings import nd47_settings
from ckanext.nd47.metadata.views.terms import nd47_terms
from ckanext.nd47.metadata.views.vocabularies import nd47_vocabularies

__all__ = [
    "nd47_citation",
    "nd47_former_names",
    "nd47_rules",
    "nd47_settings",
    "nd47_terms",
    "nd47_vocabularies",
]
