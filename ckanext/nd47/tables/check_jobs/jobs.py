"""Checks the files that wait for it: as a job, or by command."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ckan import model
from ckan.model import core

from ckanext.nd47.rules import file_facts
from ckanext.nd47.tables.check.report import FileError, Finding, FindingDict, Report, ReportDict
from ckanext.nd47.tables.check_jobs import files, process
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.datastore.loading import tables_of_files as loading
from ckanext.nd47.tables.findings.expected import (
    Names,
    against_dictionary,
    against_expected,
    compare,
    of_dataset,
)

log = logging.getLogger(__name__)

DICTIONARY = "data_dictionary"
"""Field of a resource that says what its columns are."""


def run(resource_id: str) -> None:
    """Check a file that waits, and load its table; nothing happens if it does not wait.

    A job may run twice, or late: the version that was read decides whether its result is stored.
    """
    waiting = model.Session.execute(
        sa.select(FileCheck.version, FileCheck.state, FileCheck.understood, model.Resource)
        .join(model.Resource, model.Resource.id == FileCheck.resource_id)
        .where(FileCheck.resource_id == resource_id, is_due())
        .where(model.Resource.state == core.State.ACTIVE)
    ).first()
    if waiting is None:
        return
    version, state, stored, resource = waiting
    before = {name: value for name, value in stored.items() if name != tables.AT_ONCE}
    if state == tables.DONE:
        before = stored[tables.AT_ONCE]
    dataset_id, stated = resource.package_id, dictionary_of(resource)
    wanted = of_dataset(str(dataset_id))
    # The file may take a minute: no transaction stays open meanwhile.
    model.Session.expunge(resource)
    model.Session.commit()
    report, problems = _report(resource)
    values = (
        {
            "state": tables.FAILED,
            "checked": dt.datetime.now(dt.timezone.utc),
            "understood": before,
        }
        if report is None
        else result(stated, wanted, before, report, problems)
    )
    # As a save does: the dataset first, then what belongs to it.
    lock_dataset(dataset_id)
    model.Session.execute(
        sa.update(FileCheck)
        .where(FileCheck.resource_id == resource_id, FileCheck.version == version)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    file_facts.changed.send([dataset_id])
    model.Session.commit()


def dictionary_of(resource: model.Resource) -> str:
    """Return what the data dictionary of a resource says about its columns."""
    return str((resource.extras or {}).get(DICTIONARY) or "")


def result(
    stated: str,
    wanted: Sequence[Sequence[Names]],
    before: Mapping[str, Any],
    report: ReportDict,
    problems: Sequence[FindingDict] = (),
) -> dict[str, Any]:
    """Return the columns of `FileCheck` for the report of a file.

    Args:
        stated: its data dictionary.
        wanted: the columns that catalogues expect of its dataset.
        before: what was understood of the version before.
        report: what was found.
        problems: what is to be said about its table.
    """
    findings = [
        *report["findings"],
        *compare(before.get("parts", []), report["parts"]),
        *against_dictionary(stated, report["parts"]),
        *against_expected(wanted, report["parts"]),
        *problems,
    ]
    return {
        "state": tables.DONE,
        "checked": dt.datetime.now(dt.timezone.utc),
        "findings": findings,
        "understood": {name: value for name, value in report.items() if name != "findings"},
    }


def is_due() -> sa.ColumnElement[bool]:
    """Return the condition of a check that the job has not made yet."""
    return sa.or_(FileCheck.state == tables.WAITING, FileCheck.understood.has_key(tables.AT_ONCE))


def lock_dataset(dataset_id: str | None) -> None:
    """Lock the row of a dataset until the transaction ends."""
    table = model.package_table
    model.Session.execute(sa.select(table.c.id).where(table.c.id == dataset_id).with_for_update())


def waiting_ids(leave: Collection[str] = (), most: int | None = None) -> list[str]:
    """Return the resources whose files wait for their check, the oldest first.

    Args:
        leave: ids that are left out.
        most: length of the list; None: all that wait.
    """
    return list(
        model.Session.scalars(
            sa.select(FileCheck.resource_id)
            .join(model.Resource, model.Resource.id == FileCheck.resource_id)
            .where(is_due(), model.Resource.state == core.State.ACTIVE)
            .where(FileCheck.resource_id.not_in(leave))
            .order_by(FileCheck.requested)
            .limit(most)
        )
    )


def unchecked() -> list[model.Resource]:
    """Return the resources whose files were never asked to be checked."""
    return list(
        model.Session.scalars(
            sa.select(model.Resource)
            .outerjoin(FileCheck, FileCheck.resource_id == model.Resource.id)
            .where(FileCheck.resource_id.is_(None), model.Resource.state == core.State.ACTIVE)
        )
    )


def _report(resource: model.Resource) -> tuple[ReportDict | None, list[FindingDict]]:
    """Examine the file of a resource, and load its table.

    Returns:
        The report, None if the examination failed; and what is to be said about the table.
    """
    try:
        with files.local(resource) as file:
            if loading.is_wanted(resource):
                return loading.examine_and_load(resource, file)
            return process.examine(file.path, file.name, resource.format or ""), []
    except FileError as error:
        report = Report(whole=False, findings=[Finding(error.code, facts=dict(error.facts))])
        return report.as_dict(), []
    except process.ProcessError as error:
        # Only the type of the error: its text may have values of the file.
        log.error("The check of the file %s failed: %s", resource.id, error)  # noqa: TRY400
    return None, []
