"""Examines files that wait for their check when their dataset is about to be published.

Otherwise a file would be published in the seconds before the background job has looked at it. The
result is that of the job, which still runs: it loads the table, and its result replaces this one.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

import ckan.plugins as p
from ckan import model
from ckan.model import core

from ckanext.nd47.tables.check.report import FileError, ReportDict
from ckanext.nd47.tables.check_jobs import files, jobs, process, requests
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.findings import expected

log = logging.getLogger(__name__)

PLUGIN = "nd47_tables"

SECONDS = 25.0
"""How long somebody who publishes waits for all files of a dataset: web servers often end a request
after 30. On a quiet machine a file of some hundred rows takes one or two."""

OVERDUE = dt.timedelta(hours=2)
"""After which nobody is told to wait for a background job that does not seem to run.

The command that does its work runs each hour. The beginning of the file is examined then.
"""


@dataclass(frozen=True)
class _Waiting:
    """A file that waits.

    Attributes:
        resource: its resource.
        version: fingerprint of the file.
        is_overdue: whether no background job seems to run.
        before: what was understood of the version before.
    """

    resource: model.Resource
    version: str
    is_overdue: bool
    before: dict[str, Any]


_LOCK = sa.text("SET LOCAL lock_timeout = '2s'")


def examine(resource_ids: Collection[str]) -> list[str]:
    """Examine the uploaded files that wait for their check; return those that take too long.

    A linked file is left to the job: everybody can read it at its address already.
    """
    if not p.plugin_loaded(PLUGIN) or not tables.ready():
        return []
    end = time.monotonic() + SECONDS
    unknown = []
    for file in _waiting(resource_ids):
        try:
            report = _report(file, end - time.monotonic())
        except (FileError, process.ProcessError) as error:
            # There is nothing to read, or nothing that this portal can read: the job will say so.
            log.info("The file %s was not examined: %s", file.resource.id, type(error).__name__)
            continue
        if report is None:
            unknown.append(file.resource.id)
        else:
            _store(file, report)
    return unknown


def _waiting(resource_ids: Collection[str]) -> list[_Waiting]:
    """Return the files that wait, and those whose check nobody has asked for."""
    query = (
        sa.select(
            model.Resource,
            FileCheck.version,
            FileCheck.requested,
            FileCheck.understood,
        )
        .outerjoin(FileCheck, FileCheck.resource_id == model.Resource.id)
        .where(
            model.Resource.id.in_(resource_ids),
            model.Resource.state == core.State.ACTIVE,
            model.Resource.url_type == files.UPLOAD,
            sa.or_(FileCheck.state == tables.WAITING, FileCheck.resource_id.is_(None)),
        )
        .order_by(model.Resource.position)
    )
    now = dt.datetime.now(dt.timezone.utc)
    return [
        _Waiting(
            resource=resource,
            version=version or requests.version(resource),
            is_overdue=requested is None or requested < now - OVERDUE,
            before=understood or {},
        )
        for resource, version, requested, understood in model.Session.execute(query).tuples()
    ]


def _report(waiting: _Waiting, seconds: float) -> ReportDict | None:
    """Examine a file; return None if it takes longer than some seconds.

    Raises:
        FileError: it is missing.
        process.ProcessError: the process ended in an unexpected way.
    """
    report = None
    with files.local(waiting.resource) as file:
        if seconds > 0:
            format_ = waiting.resource.format or ""
            report = process.examine_within(file.path, file.name, format_, seconds)
        if report is None and waiting.is_overdue:
            report = process.quick(file.path, file.name)["report"]
    return report


def _store(waiting: _Waiting, report: ReportDict) -> None:
    """Keep a report, also if the publication is refused: who decides about the file reads it."""
    stated = jobs.dictionary_of(waiting.resource)
    wanted = expected.of_dataset(str(waiting.resource.package_id))
    values = jobs.result(stated, wanted, waiting.before, report)
    values["understood"][tables.AT_ONCE] = {"parts": waiting.before.get("parts", [])}
    statement = insert(FileCheck).values(
        resource_id=waiting.resource.id, version=waiting.version, **values
    )
    statement = statement.on_conflict_do_update(
        index_elements=["resource_id"],
        set_=values,
        where=sa.and_(FileCheck.version == waiting.version, FileCheck.state == tables.WAITING),
    )
    try:
        # Not in the transaction of the publication, which may be rolled back.
        with model.Session.get_bind().engine.begin() as connection:
            connection.execute(_LOCK)
            connection.execute(statement)
    except OperationalError:
        log.warning("The job stores the check of %s at this moment", waiting.resource.id)
