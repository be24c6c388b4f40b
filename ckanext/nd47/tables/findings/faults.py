"""What is wrong with files and links, as statements for lists of work.

Statements have the columns `dataset_id`, `day`, `count` and `detail`; one row for each dataset.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONPATH

import ckan.plugins as p
from ckan import model
from ckan.model import core

from ckanext.nd47.tables.check.report import FINDINGS
from ckanext.nd47.tables.check_jobs import model as checks
from ckanext.nd47.tables.links import model as links
from ckanext.nd47.tables.links import state
from ckanext.nd47.tables.links.model import DEAD, LinkCheck, LinkUse

PLUGIN = "nd47_tables"
FAULTY = tuple(
    code
    for code, (kind, level) in FINDINGS.items()
    if level == "error" and kind not in {"personal-data", "link"}
)
"""What makes a file of no use; personal data and links are kinds of work of their own."""


def are_checked() -> bool:
    """Return whether the portal checks files."""
    return p.plugin_loaded(PLUGIN) and checks.ready()


def links_are_checked() -> bool:
    """Return whether the portal checks links."""
    return p.plugin_loaded(PLUGIN) and links.ready()


def links_answer(dataset_ids: Collection[str]) -> dict[str, bool]:
    """Return by file whether its address answers; see `links.state.answers`."""
    return state.answers(dataset_ids) if links_are_checked() else {}


def faulty_files() -> sa.Select[Any]:
    """Return the statement for the datasets with files that are of no use.

    `day` is when the check found it, `detail` the id of one such resource.
    """
    check, resource = checks.FileCheck, model.resource_table
    codes = " || ".join(f'@.code == "{code}"' for code in FAULTY)
    path = sa.cast(f"$[*] ? ({codes})", JSONPATH)
    return (
        sa.select(
            resource.c.package_id.label("dataset_id"),
            sa.func.min(check.checked).label("day"),
            sa.func.count().label("count"),
            sa.func.min(resource.c.id).label("detail"),
        )
        .join_from(check, resource, resource.c.id == check.resource_id)
        .where(
            check.state == checks.DONE,
            resource.c.state == core.State.ACTIVE,
            sa.func.jsonb_path_exists(check.findings, path),
        )
        .group_by(resource.c.package_id)
    )


def dead_links() -> sa.Select[Any]:
    """Return the statement for the datasets with dead links.

    `day` is since when the oldest is dead, `detail` one of the addresses; for an uploaded file that
    is missing it is `upload:` and the id of its resource.
    """
    return (
        sa.select(
            LinkUse.dataset_id.label("dataset_id"),
            sa.func.min(LinkCheck.first_failed).label("day"),
            sa.func.count(sa.distinct(LinkCheck.key)).label("count"),
            sa.func.min(LinkCheck.address).label("detail"),
        )
        .join_from(LinkUse, LinkCheck, LinkCheck.key == LinkUse.key)
        .where(LinkCheck.status == DEAD)
        .group_by(LinkUse.dataset_id)
    )
