"""Loads the table of a file while the file is checked."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.datastore.backend import DatastoreException

from ckanext.nd47.tables.check.copies.load import LoadedColumn, LoadedTable
from ckanext.nd47.tables.check.report import FindingDict, ReportDict
from ckanext.nd47.tables.check_jobs import process
from ckanext.nd47.tables.check_jobs.files import LocalFile
from ckanext.nd47.tables.datastore.dictionary import columns as dictionary
from ckanext.nd47.tables.datastore.dictionary import update
from ckanext.nd47.tables.datastore.dictionary.entries import Entry
from ckanext.nd47.tables.datastore.loading import store

log = logging.getLogger(__name__)

FORMATS = frozenset({"CSV", "TSV", "XLSX", "XLS", "ODS"})
"""Formats whose table is loaded, as the resource states them."""


def is_wanted(resource: model.Resource) -> bool:
    """Return whether the table of a file belongs into the DataStore."""
    return (resource.format or "").upper().lstrip(".") in FORMATS and store.is_available()


def examine_and_load(
    resource: model.Resource, file: LocalFile
) -> tuple[ReportDict, list[FindingDict]]:
    """Examine a file and replace its table in the DataStore.

    Returns:
        The report, and what is to be said about the table.

    Raises:
        process.ProcessError: the examination ended in an unexpected way.
    """
    with tempfile.TemporaryDirectory(prefix="nd47-load-") as folder:
        rows = Path(folder) / "rows.csv"
        entries = known(resource)
        chosen = {name: entry.kind for name, entry in entries.items() if entry.kind}
        loaded = process.load(file.path, file.name, resource.format or "", rows, chosen)
        if loaded.table is None:
            if loaded.code:
                return loaded.report, [_not_loaded(loaded.code)]
            if (resource.extras or {}).get("datastore_active"):
                # The table of the file before would be taken for that of the present one.
                store.drop(resource.id)
            return loaded.report, []
        # A dictionary may name columns by headings that the table did not have before.
        names = [column["name"] for column in loaded.table["columns"]]
        infos = update.as_infos({**of_dictionary(resource, names), **_kept(entries, names)})
        return loaded.report, _load(resource.id, loaded.table, infos, rows)


def known(resource: model.Resource) -> dict[str, Entry]:
    """Return what the data dictionary says about the columns of the present table."""
    shown = as_shown(resource)
    fields = dictionary.stored_fields(shown)
    return dict(dictionary.of_fields(shown, fields).entries)


def of_dictionary(resource: model.Resource, names: Sequence[str]) -> dict[str, Entry]:
    """Return what the field `data_dictionary` says about columns."""
    fields = [{"id": name} for name in names]
    return dict(dictionary.of_fields(as_shown(resource), fields).entries)


def as_shown(resource: model.Resource) -> dict[str, Any]:
    """Return what is needed of a resource, as `resource_show` names it."""
    extras = resource.extras or {}
    return {
        "id": resource.id,
        "data_dictionary": extras.get("data_dictionary"),
        "datastore_active": extras.get("datastore_active"),
    }


def _kept(entries: Mapping[str, Entry], names: Sequence[str]) -> dict[str, Entry]:
    """Return the entries of columns that the table still has."""
    return {name: entries[name] for name in names if entries.get(name, Entry()) != Entry()}


def _load(
    resource_id: str, table: LoadedTable, infos: Mapping[str, Mapping[str, str]], rows: Path
) -> list[FindingDict]:
    try:
        store.replace(resource_id, table["columns"], infos, rows)
        _show(resource_id)
    except (SQLAlchemyError, DatastoreException, tk.ValidationError) as error:
        # Without the text of the error, which may have values of the file.
        log.error("The table of %s was not loaded: %s", resource_id, type(error).__name__)  # noqa: TRY400
        return [_not_loaded("database")]
    return [kept_as_text(column) for column in table["columns"] if column["misfits"]]


def _show(resource_id: str) -> None:
    """Say that the resource has a table, and give it its first views."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    context: Any = {"user": user, "ignore_auth": True}
    resource = model.Session.get(model.Resource, resource_id)
    if resource is None or resource.state != model.State.ACTIVE:
        return
    if not (resource.extras or {}).get("datastore_active"):
        tk.get_action("resource_patch")(context, {"id": resource_id, "datastore_active": True})
    shown = tk.get_action("resource_show")(tk.fresh_context(context), {"id": resource_id})
    tk.get_action("resource_create_default_resource_views")(
        tk.fresh_context(context), {"resource": shown, "create_datastore_views": True}
    )


def kept_as_text(column: LoadedColumn) -> FindingDict:
    """Return the finding of a column that some cells keep from having its type."""
    return FindingDict(
        code="kept-as-text",
        column=column["heading"],
        row=column["row"],
        count=column["misfits"],
        facts={"meant": column["meant"]},
        part="",
    )


def _not_loaded(reason: str) -> FindingDict:
    return FindingDict(
        code="not-loaded", column="", row=0, count=1, facts={"reason": reason}, part=""
    )
