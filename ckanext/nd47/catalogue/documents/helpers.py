"""Template helpers of the documents."""

from __future__ import annotations

from typing import TypedDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.logic import rights
from ckanext.nd47.lib.web import http

__all__ = ["nd47_proposing_agencies"]


class Proposing(TypedDict):
    """An agency whose items the account proposes."""

    name: str
    title: str


def nd47_proposing_agencies() -> list[Proposing]:
    """Return the agencies whose items the account of the request proposes, by title."""
    edits = rights.of(http.user_context()).edits
    directory.load(edits)
    agencies = [agency for agency_id in edits if (agency := directory.get(agency_id))]
    shown = [Proposing(name=info.name, title=directory.display_title(info)) for info in agencies]
    return sorted(shown, key=lambda row: row["title"])
