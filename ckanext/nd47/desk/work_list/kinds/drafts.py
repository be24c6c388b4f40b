"""Datasets that were begun and are not published."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.work_list.kinds.approvals import is_not_sent
from ckanext.nd47.desk.work_list.kinds.kind import (
    Description,
    Kind,
    Thing,
    Weight,
    address,
    columns,
    day_in_vietnam,
)
from ckanext.nd47.rules import records


def _statement() -> sa.Select[Any]:
    package = model.Package
    return columns(
        "draft",
        agency_id=package.owner_org,
        dataset_id=package.id,
        day=day_in_vietnam(package.metadata_modified),
        weight=Weight.LATER,
    ).where(
        package.state == records.DRAFT,
        package.type.in_(records.governed_types()),
        # What was sent for approval waits for others, or is a kind of its own.
        is_not_sent(package.id),
    )


def _describe(thing: Thing, scope: Scope) -> Description:
    words = tk._("Begun and not published; last saved on {day}.").format(
        day=tk.h.nd47_day(thing.day)
    )
    return Description(words, tk._("Continue"), address("dataset.edit", id=thing.dataset_name))


DRAFTS = Kind("draft", lambda: tk._("Drafts"), _statement, _describe, unpublished=True)
