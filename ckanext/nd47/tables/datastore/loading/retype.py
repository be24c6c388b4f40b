"""Gives the tables of an existing portal the types that their files have."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from ckan import model
from ckan.model import core

from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.check_jobs import files, jobs, process, requests
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.check_jobs.files import UPLOAD
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.datastore.loading import store, tables_of_files


@dataclass(frozen=True)
class Change:
    """A column that gets another type; empty types are of columns that come or go."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Outcome:
    """What happens to a table.

    Attributes:
        dataset, resource: name of the dataset, name or id of the file.
        changes: its columns with another type.
        problem: why nothing happens, as a code of `report.FINDINGS`; empty if something does.
    """

    dataset: str
    resource: str
    changes: Sequence[Change] = ()
    problem: str = ""


def due(references: Sequence[str] = ()) -> list[model.Resource]:
    """Return the files with a table that does not have the types of their check.

    A table that was loaded by this plugin is not among them, so an interrupted run goes on where it
    was.

    Args:
        references: ids or names of datasets, or ids of files; none for all.
    """
    query = (
        sa.select(model.Resource, FileCheck.state, FileCheck.understood)
        .join(model.Package, model.Package.id == model.Resource.package_id)
        .outerjoin(FileCheck, FileCheck.resource_id == model.Resource.id)
        .where(model.Resource.state == core.State.ACTIVE)
        .where(model.Package.state != core.State.DELETED)
        .order_by(model.Package.name, model.Resource.position)
    )
    if references:
        query = query.where(
            model.Resource.id.in_(references)
            | model.Package.id.in_(references)
            | model.Package.name.in_(references)
        )
    candidates = [
        (resource, state, understood or {})
        for resource, state, understood in model.Session.execute(query).tuples()
        if (resource.extras or {}).get("datastore_active")
        and resource.url_type in {UPLOAD, "", None}
        and tables_of_files.is_wanted(resource)
    ]
    types = store.types([resource.id for resource, _, _ in candidates])
    return [
        resource
        for resource, state, understood in candidates
        if state != tables.DONE or _stored(understood) != list(types.get(resource.id, {}).values())
    ]


def rehearse(resources: Sequence[model.Resource]) -> Iterator[Outcome]:
    """Yield what would change; nothing is written."""
    for resource in resources:
        before = store.types([resource.id]).get(resource.id, {})
        after, problem = _types_after(resource)
        yield _outcome(resource, before, before if problem else after, problem)


def run(resources: Sequence[model.Resource]) -> Iterator[Outcome]:
    """Check files and load their tables again, one after another; yield what has changed."""
    requests.ask(resources, again=True)
    model.Session.commit()
    for resource_id in [resource.id for resource in resources]:
        before = store.types([resource_id]).get(resource_id, {})
        jobs.run(resource_id)
        model.Session.expire_all()
        resource = model.Session.get(model.Resource, resource_id)
        if resource is None:
            continue
        check = model.Session.get(FileCheck, resource_id)
        codes = [finding["code"] for finding in check.findings] if check else []
        problem = next((code for code in codes if code in _PROBLEMS), "")
        after = store.types([resource_id]).get(resource_id, {})
        yield _outcome(resource, before, after, problem)


_PROBLEMS = frozenset({"not-loaded", "unreachable", "refused", "not-public", "unknown-format"})


def _types_after(resource: model.Resource) -> tuple[dict[str, str], str]:
    """Return the types that the table of a file would have, or why it would have none."""
    said = tables_of_files.known(resource)
    chosen = {name: entry.kind for name, entry in said.items() if entry.kind}
    try:
        with (
            files.local(resource) as file,
            tempfile.TemporaryDirectory(prefix="nd47-load-") as folder,
        ):
            target = Path(folder) / "rows.csv"
            loaded = process.load(file.path, file.name, resource.format or "", target, chosen)
    except FileError as error:
        return {}, error.code
    except process.ProcessError:
        return {}, "broken"
    if loaded.table is None:
        return {}, loaded.code or "unknown-format"
    return {column["name"]: column["type"] for column in loaded.table["columns"]}, ""


def _outcome(
    resource: model.Resource, before: dict[str, str], after: dict[str, str], problem: str
) -> Outcome:
    changes = [
        Change(column, before.get(column, ""), after.get(column, ""))
        for column in {**before, **after}
        if before.get(column) != after.get(column)
    ]
    name = resource.package.name if resource.package else ""
    return Outcome(name, resource.name or resource.id, changes, problem)


def _stored(understood: dict) -> list[str]:
    """Return the types that the check found, in the order of the columns."""
    parts = understood.get("parts") or [{}]
    return [column.get("stored", "") for column in parts[0].get("columns", [])]
