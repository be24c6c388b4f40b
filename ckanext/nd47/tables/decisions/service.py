"""Which personal data of a file are decided, and by whom."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.lib.language import text
from ckanext.nd47.rules import file_facts
from ckanext.nd47.tables.check.report import FINDINGS
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.decisions import model as history
from ckanext.nd47.tables.decisions.model import DE_IDENTIFIED, PUBLIC_BY_LAW, REVOKED, decisions

PERSONAL = "personal-data"

Key = str
"""A kind of personal data and the column that it stands in, folded."""


@dataclass(frozen=True)
class Decision:
    """A decision of the history, see `model.decisions`; `user_title` names the account."""

    moment: dt.datetime
    decision: str
    basis: str
    user_title: str


@dataclass(frozen=True)
class Standing:
    """Where the decision about the personal data of a file stands.

    Attributes:
        found: keys of the personal data that the check found.
        undecided: those about which nobody has decided.
    """

    found: frozenset[Key] = frozenset()
    undecided: frozenset[Key] = frozenset()


NOTHING = Standing()


@dataclass
class _Decided:
    """What the decisions of a dataset cover."""

    by_law: set[Key] = field(default_factory=set)
    of_files: dict[tuple[str, str], set[Key]] = field(default_factory=lambda: defaultdict(set))

    def add(self, row: Any) -> None:
        """Apply a decision; later ones come later."""
        covered = set(row.covered)
        if row.decision == PUBLIC_BY_LAW:
            self.by_law |= covered
        elif row.decision == DE_IDENTIFIED:
            self.of_files[row.resource_id, row.version] |= covered
        elif row.decision == REVOKED:
            self.by_law -= covered
            self.of_files.pop((row.resource_id, row.version), None)


def keys(findings: Iterable[Mapping[str, Any]]) -> frozenset[Key]:
    """Return the keys of the personal data among findings."""
    return frozenset(
        f"{finding['code']} {text.fold(finding['column'])}".strip()
        for finding in findings
        if FINDINGS.get(finding["code"], ("",))[0] == PERSONAL
    )


def standings(resource_ids: Collection[str]) -> dict[str, Standing]:
    """Return where the decisions about files stand, with two statements.

    That a column is public by law holds for all files of the dataset, also later ones. That a file
    is de-identified holds for this file alone: the next one has other values. Files without a
    finished check of their present version are missing.
    """
    rows = model.Session.execute(
        sa.select(
            FileCheck.resource_id,
            FileCheck.version,
            FileCheck.findings,
            model.Resource.package_id,
        )
        .join(model.Resource, model.Resource.id == FileCheck.resource_id)
        .where(FileCheck.resource_id.in_(resource_ids), FileCheck.state == tables.DONE)
    ).all()
    keys_by_resource = {row.resource_id: keys(row.findings) for row in rows}
    of_datasets = _decided({row.package_id for row in rows if keys_by_resource[row.resource_id]})
    return {
        row.resource_id: Standing(
            keys_by_resource[row.resource_id],
            frozenset(
                keys_by_resource[row.resource_id]
                - of_datasets[row.package_id].by_law
                - of_datasets[row.package_id].of_files[row.resource_id, row.version]
            ),
        )
        for row in rows
    }


def _decided(dataset_ids: set[str]) -> dict[str, _Decided]:
    of_datasets: dict[str, _Decided] = defaultdict(_Decided)
    if dataset_ids and history.ready():
        query = (
            sa.select(decisions)
            .where(decisions.c.dataset_id.in_(dataset_ids))
            .order_by(decisions.c.id)
        )
        for row in model.Session.execute(query):
            of_datasets[row.dataset_id].add(row)
    return of_datasets


def of_resource(resource_id: str) -> list[Decision]:
    """Return the decisions about a file, the latest first."""
    query = (
        sa.select(decisions, model.User.fullname, model.User.name)
        .outerjoin(model.User, model.User.id == decisions.c.user_id)
        .where(decisions.c.resource_id == resource_id)
        .order_by(decisions.c.id.desc())
    )
    return [
        Decision(row.moment, row.decision, row.basis, row.fullname or row.name or "")
        for row in model.Session.execute(query)
    ]


def decide(
    user: model.User, resource: model.Resource, decision: str, basis: str, version: str
) -> None:
    """Record a decision about the personal data of a file, and commit.

    Args:
        user: who decides.
        resource: the file.
        decision: one of `model.DECISIONS`.
        basis: the law by which the data are public, or how they were de-identified.
        version: fingerprint of the file that was decided about; empty for the present one.

    Raises:
        ckan.plugins.toolkit.ValidationError: the file has changed, is not checked yet, or has no
            personal data.
    """
    # As a save does: the dataset first, then what belongs to it.
    package: Any = model.Package
    model.Session.execute(
        sa.select(package.id).where(package.id == resource.package_id).with_for_update()
    )
    check = model.Session.scalars(
        sa.select(FileCheck)
        .where(FileCheck.resource_id == resource.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    problem = _why_not(check, version)
    if problem or check is None:
        model.Session.rollback()
        raise tk.ValidationError({"message": [problem]})
    model.Session.execute(
        sa.insert(decisions).values(
            dataset_id=resource.package_id,
            resource_id=resource.id,
            version=check.version,
            user_id=user.id,
            decision=decision,
            basis=basis,
            covered=sorted(keys(check.findings)),
        )
    )
    file_facts.changed.send([resource.package_id])
    model.Session.commit()


def _why_not(check: FileCheck | None, version: str) -> str:
    if check is None or check.state != tables.DONE:
        return tk._("The check of the file has not ended yet. Load the page again in a minute.")
    if version and version != check.version:
        return tk._("The file has changed since you opened the page. Look at it again.")
    if not keys(check.findings):
        return tk._("The check found no personal data in this file.")
    return ""
