"""What the check of the files tells the rules."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model

from ckanext.nd47.rules import file_facts
from ckanext.nd47.rules.file_facts import Facts, FileFacts
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.decisions import service

PLUGIN = "nd47_tables"
UNREADABLE = frozenset({"broken", "locked", "empty"})
OTHER_CONTENT = "not-as-named"


def register() -> None:
    """Let the rules know what the check finds."""
    file_facts.register(PLUGIN, of_resources)


def of_resources(resource_ids: Collection[str]) -> Facts:
    """Return what is known of files, with three statements for any number of them."""
    if not resource_ids or not p.plugin_loaded(PLUGIN) or not tables.ready():
        return file_facts.NOTHING
    rows = model.Session.execute(
        sa.select(FileCheck.resource_id, FileCheck.understood, FileCheck.findings).where(
            FileCheck.resource_id.in_(resource_ids), FileCheck.state == tables.DONE
        )
    ).all()
    standings = service.standings([row.resource_id for row in rows])
    facts = {}
    for row in rows:
        codes = {finding["code"]: finding for finding in row.findings}
        other = codes.get(OTHER_CONTENT)
        standing = standings.get(row.resource_id, service.NOTHING)
        facts[row.resource_id] = FileFacts(
            format=str(other["facts"].get("content", "")) if other else "",
            is_whole=not UNREADABLE & codes.keys(),
            size=int(row.understood.get("size") or 0),
            undecided=bool(standing.undecided),
            decided=bool(standing.found) and not standing.undecided,
        )
    return facts
