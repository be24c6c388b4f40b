"""Adds the file of the next period to a dataset, in one transaction with its dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, TypedDict, cast

from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.desk.publishing import headings, periods
from ckanext.nd47.lib.calendar import dates, stated_periods
from ckanext.nd47.lib.fields import values
from ckanext.nd47.metadata import dataset_reader, files
from ckanext.nd47.tables.findings import expected

COPIED = ("description", "data_dictionary", "publication_method", "language")
"""Fields of a file that the next one takes over."""


class Proposal(TypedDict):
    """What is proposed for the next period.

    `period` is in words, `modified` day first; `from_file` says whether the file states the period.
    `removed` and `added` are columns, compared with the last file, whose name is `last`.
    """

    period: str
    modified: str
    from_file: bool
    last: str
    last_period: str
    removed: list[str]
    added: list[str]


def propose(dataset: Mapping[str, Any], upload: FileStorage | None = None) -> Proposal:
    """Return proposals for the next period of a dataset.

    Args:
        dataset: the dataset as `package_show` returns it.
        upload: its file, None as long as there is none.
    """
    today = dates.today()
    latest = periods.last(dataset)
    table = headings.UNKNOWN
    stated = ""
    if upload is not None:
        table = headings.of_stream(upload.filename or "", upload.stream)
        stated = stated_periods.in_file(upload.filename or "", table.lines)
    period = stated or periods.following(dataset, today)
    previous = _like(latest, upload)
    removed: list[str] = []
    added: list[str] = []
    if upload is not None and previous is not None:
        before = headings.of_resource(previous).headings
        removed, added = headings.compare(before, table.headings)
        if not before:
            # A linked or large file: its data dictionary says what is expected.
            removed = expected.missing_stated(
                str(previous.get("data_dictionary") or ""), table.headings
            )
    return {
        "period": dates.period_in_words(period),
        "modified": values.day_first(periods.data_date(period, today).isoformat()),
        "from_file": bool(stated),
        "last": str(previous.get("name") or "") if previous else "",
        "last_period": dates.period_in_words(latest.period) if latest else "",
        "removed": removed,
        "added": added,
    }


def add(
    context: Context,
    dataset_id: str,
    upload: FileStorage,
    period: str,
    modified: dt.date,
) -> dict[str, Any]:
    """Add a file for a period, and set the day of the data.

    The row of the dataset is locked first, so a form that is sent twice adds one file.

    Args:
        context: of the account.
        dataset_id: id of the dataset.
        upload: the file.
        period: the period, as stored.
        modified: the day of the data.

    Returns:
        The dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: the period has a file of this format, or the dataset
            is refused.
    """
    package = model.Package.get(dataset_id)
    model.Session.refresh(package, with_for_update=True)
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    dataset = tk.get_action("package_show")(cast("Context", {**own}), {"id": dataset_id})
    latest = periods.last(dataset)
    _refuse_double(dataset, period, upload.filename or "")
    fields = {
        dataset_reader.field_name(dataset, "modified"): modified.isoformat(),
        **_covered(dataset, period),
    }
    answer = tk.get_action("package_revise")(
        own,
        {
            "match__id": dataset_id,
            "update": fields,
            "update__resources__extend": [_resource(latest, upload, period)],
            "update__resources__-1__upload": upload,
        },
    )
    return answer["package"]


def _resource(latest: periods.Last | None, upload: FileStorage, period: str) -> dict[str, Any]:
    """Return the fields of the new file: like those of the last one of its format."""
    previous = _like(latest, upload) or {}
    stem = PurePosixPath(upload.filename or "").stem
    name = stem
    if latest is not None and previous.get("name"):
        name = periods.name_of_next(str(previous["name"]), latest.period, period)
    copied = {field: previous[field] for field in COPIED if previous.get(field)}
    return {**copied, "name": name, "period": period, "url": "", "url_type": "upload"}


def _like(latest: periods.Last | None, upload: FileStorage | None) -> dict[str, Any] | None:
    """Return the last file, if possible one of the same format as an upload."""
    if latest is None:
        return None
    ending = PurePosixPath(upload.filename or "").suffix.lower() if upload is not None else ""
    same = [
        resource
        for resource in latest.resources
        if str(resource.get("url") or "").lower().endswith(ending)
    ]
    return (same or latest.resources)[0]


def _refuse_double(dataset: Mapping[str, Any], period: str, name: str) -> None:
    term = files.recognise_format(PurePosixPath(name).suffix.lstrip("."), name)
    for resource in dataset_reader.resources(dataset):
        known = files.recognise_format(str(resource.get("format") or ""), str(resource["url"]))
        if resource.get("period") == period and (term is None or known == term):
            raise tk.ValidationError(
                {
                    "period": [
                        tk._("There is a file for {period} already: “{name}”.").format(
                            period=dates.period_in_words(period),
                            name=resource.get("name") or PurePosixPath(str(resource["url"])).name,
                        )
                    ]
                }
            )


def _covered(dataset: Mapping[str, Any], period: str) -> dict[str, Any]:
    """Return the period of the dataset, extended to the new one, if it has exactly one."""
    groups = dataset_reader.groups(dataset, "temporal_coverage")
    span = periods.days(period)
    if len(groups) != 1 or span is None:
        return {}
    group = groups[0]
    end = str(group.get("end") or "")
    if not end or end[:10] >= span.last.isoformat()[: len(end)]:
        return {}
    name = dataset_reader.field_name(dataset, "temporal_coverage")
    return {name: [{**group, "end": span.last.isoformat()}]}
