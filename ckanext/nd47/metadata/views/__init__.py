"""Pages and downloads about datasets, licences and code lists."""

from __future__ import annotations

from ckanext.nd47.metadata.views.citation import nd47_citation
from ckanext.nd47.metadata.views.former_names import nd47_former_names
from ckanext.nd47.metadata.views.licence import nd47_terms
from ckanext.nd47.metadata.views.vocabularies import nd47_vocabularies

__all__ = [
    "nd47_citation",
    "nd47_former_names",
    "nd47_terms",
    "nd47_vocabularies",
]
