"""Helpers of the templates."""

from __future__ import annotations

from ckanext.nd47.lib import http
from ckanext.nd47.tables.table_view import shown

__all__ = ["nd47_table_number"]


def nd47_table_number(number: int) -> str:
    """Return a number as people read it in the language of the page."""
    return shown.number(number, http.language())
