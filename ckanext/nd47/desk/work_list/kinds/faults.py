"""Datasets with files that are of no use, and with links that are dead."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.work_list.kinds.kind import (
    Description,
    Kind,
    Thing,
    Weight,
    address,
    columns,
    dataset_page,
    is_published,
)
from ckanext.nd47.tables.findings import faults

UPLOADED = "upload:"
LONGEST = 100
"""Characters of an address that are shown."""


def _statement(code: str, found: sa.Subquery) -> sa.Select[Any]:
    package = model.Package
    return (
        columns(
            code,
            agency_id=package.owner_org,
            dataset_id=package.id,
            day=sa.func.timezone("Asia/Ho_Chi_Minh", found.c.day),
            weight=Weight.NOW,
            detail=sa.func.concat(found.c.count, " ", found.c.detail),
        )
        .join_from(found, package, package.id == found.c.dataset_id)
        .where(is_published())
    )


def _dead() -> sa.Select[Any]:
    return _statement("dead-link", faults.dead_links().subquery())


def _faulty() -> sa.Select[Any]:
    return _statement("faulty-file", faults.faulty_files().subquery())


def _describe_dead(thing: Thing, scope: Scope) -> Description:
    number, _, link = thing.detail.partition(" ")
    count, day = int(number or 0), tk.h.nd47_day(thing.day)
    if link.startswith(UPLOADED):
        words = tk.ungettext(
            "{number} file or link is missing since {day}.",
            "{number} files or links are missing since {day}.",
            count,
        ).format(number=count, day=day)
    else:
        words = tk.ungettext(
            "{number} link does not answer since {day}: {address}",
            "{number} links do not answer, the first since {day}: {address}",
            count,
        ).format(number=count, day=day, address=link[:LONGEST])
    if not scope.may_edit(thing.agency_id):
        return dataset_page(thing)._replace(words=words)
    return Description(words, tk._("Correct"), address("dataset.resources", id=thing.dataset_name))


def _describe_faulty(thing: Thing, scope: Scope) -> Description:
    number, _, resource_id = thing.detail.partition(" ")
    count = int(number or 0)
    words = tk.ungettext(
        "{number} file cannot be used: it is broken, empty or something else than it says.",
        "{number} files cannot be used: they are broken, empty or something else than they say.",
        count,
    ).format(number=count)
    if not scope.may_edit(thing.agency_id):
        return dataset_page(thing)._replace(words=words)
    page = address("nd47_tables.check", id=thing.dataset_name, resource_id=resource_id)
    return Description(words, tk._("See the check"), page)


FAULTY_FILES = Kind(
    "faulty-file",
    lambda: tk._("Faulty files"),
    _faulty,
    _describe_faulty,
    is_used=faults.are_checked,
)
DEAD_LINKS = Kind(
    "dead-link",
    lambda: tk._("Dead links"),
    _dead,
    _describe_dead,
    is_used=faults.links_are_checked,
)
