"""Actions on checks of files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model import core
from ckan.types import Context, DataDict

from ckanext.nd47.lib import config
from ckanext.nd47.lib.web import http
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.check_jobs import queue, requests
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.datastore.dictionary import columns, table_schema, update
from ckanext.nd47.tables.datastore.dictionary.columns import TableColumn
from ckanext.nd47.tables.datastore.dictionary.table_schema import TableSchema
from ckanext.nd47.tables.decisions import service as decisions
from ckanext.nd47.tables.findings import messages
from ckanext.nd47.tables.findings.messages import ShownFinding
from ckanext.nd47.tables.findings.quality import index
from ckanext.nd47.tables.findings.quality.index import QualityIndex
from ckanext.nd47.tables.logic import schema

__all__ = [
    "nd47_file_check",
    "nd47_file_check_list",
    "nd47_file_check_request",
    "nd47_file_columns",
    "nd47_table_columns",
    "nd47_table_columns_update",
    "nd47_table_schema",
    "nd47_table_schema_update",
]


class _WithIndex(TypedDict, total=False):
    quality: QualityIndex


class FileCheckDict(_WithIndex):
    """The check of a file; see `nd47_file_check`."""

    state: str
    checked: str | None
    version: str
    understood: dict[str, Any]
    findings: list[ShownFinding]
    undecided: list[str]


class DatasetFileCheckDict(FileCheckDict):
    """The check of a file of a dataset; see `nd47_file_check_list`."""

    resource_id: str
    resource_name: str


@tk.side_effect_free
def nd47_file_check(context: Context, data_dict: DataDict) -> FileCheckDict:
    """Return what was found in the file of a resource. For who may edit it.

    :param id: id of the resource
    :type id: string

    :returns: `state` (`waiting`, `done` or `failed`); `checked`, when the check ended, in UTC as in
        ISO 8601; `understood`, with `format`, `encoding`, `delimiter`, `size` in bytes, `parts`
        (tables with `name`, `rows` and `columns`, each with `name`, `type` and `filled`),
        `features` and `whole`; `findings`, the heaviest first, each with `code`, `kind`
        (`personal-data`, `encoding`, `structure`, `values`, `geography`, `columns` or `link`),
        `level` (`error`, `warning` or `advice`), `part`, `column`, `row`, `count`, `message` and
        `remedy`; `undecided`, the codes of the personal data about whose publication nobody has
        decided; `version`, the fingerprint of the file. While a new version waits, `understood` and
        `findings` are those of the version before. The option `ckanext.nd47.quality_index` adds
        `quality`, the index of data quality of a secondary source: `value` from 0 to 100, none for
        a file without a table; `level` (`green`, `yellow` or `red`); `dimensions`, each with its
        `value`; `groups` of faults with the `count` of cells and the `findings`; `required`, the
        codes that must all be right; `status` and `source`. What is not measured is none.
    :rtype: dictionary
    """
    tk.check_access("nd47_file_check", context, data_dict)
    tables.require()
    resource_id = _resource(data_dict).id
    return _as_dict(model.Session.get(FileCheck, resource_id), decisions.standings([resource_id]))


@tk.side_effect_free
def nd47_file_check_list(context: Context, data_dict: DataDict) -> list[DatasetFileCheckDict]:
    """Return what was found in the files of a dataset. For who may edit it.

    :param id: id or name of the dataset
    :type id: string

    :returns: for each file in their order what `nd47_file_check` returns, with `resource_id` and
        `resource_name`
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_file_check_list", context, data_dict)
    tables.require()
    package = model.Package.get(schema.reference(data_dict))
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    query = (
        sa.select(model.Resource.id, model.Resource.name, FileCheck)
        .outerjoin(FileCheck, FileCheck.resource_id == model.Resource.id)
        .where(model.Resource.package_id == package.id, model.Resource.state == core.State.ACTIVE)
        .order_by(model.Resource.position)
    )
    rows = model.Session.execute(query).tuples().all()
    standings = decisions.standings([resource_id for resource_id, *_ in rows])
    return [
        {"resource_id": resource_id, "resource_name": name or "", **_as_dict(check, standings)}
        for resource_id, name, check in rows
    ]


def nd47_file_check_request(context: Context, data_dict: DataDict) -> FileCheckDict:
    """Ask for another check of the file of a resource. For who may edit it.

    :param id: id of the resource
    :type id: string

    :returns: as `nd47_file_check`
    :rtype: dictionary
    """
    tk.check_access("nd47_file_check_request", context, data_dict)
    tables.require()
    resource = _resource(data_dict)
    requests.ask([resource], again=True)
    model.Session.commit()
    queue.enqueue()
    return tk.get_action("nd47_file_check")(context, {"id": resource.id})


@tk.side_effect_free
def nd47_file_columns(context: Context, data_dict: DataDict) -> dict[str, list[str]]:
    """Return the names of the columns in the files of public datasets, as the last check read them.

    :param ids: ids of at most 1,000 datasets
    :type ids: list of strings

    :returns: by id of the dataset the names of its columns; datasets without any are left out
    :rtype: dictionary
    """
    tk.check_access("nd47_file_columns", context, data_dict)
    tables.require()
    query = (
        sa.select(model.Resource.package_id, FileCheck.understood["parts"])
        .join(FileCheck, FileCheck.resource_id == model.Resource.id)
        .join(model.Package, model.Package.id == model.Resource.package_id)
        .where(
            model.Resource.package_id.in_(schema.ids(data_dict)),
            model.Resource.state == core.State.ACTIVE,
            model.Package.state == core.State.ACTIVE,
            model.Package.private.is_(False),
        )
    )
    names_by_dataset: dict[str, dict[str, None]] = {}
    for package_id, parts in model.Session.execute(query).tuples():
        names = [column["name"] for part in parts or [] for column in part["columns"]]
        if package_id and names:
            names_by_dataset.setdefault(package_id, {}).update(dict.fromkeys(names))
    return {package_id: list(names) for package_id, names in names_by_dataset.items()}


@tk.side_effect_free
def nd47_table_columns(context: Context, data_dict: DataDict) -> list[TableColumn]:
    """Return the columns of the table of a file with their labels. For who may see the file.

    :param id: id of the resource
    :type id: string

    :returns: for each column `id`, its name in the API; `label`, its name for people with the unit
        in brackets; `unit`; `type` (`text`, `number`, `date` or `timestamp`); `notes`. The list is
        empty for a file without a table.
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_table_columns", context, data_dict)
    reference = schema.reference(data_dict)
    resource = tk.get_action("resource_show")(tk.fresh_context(context), {"id": reference})
    return columns.of_resource(resource)


def nd47_table_columns_update(context: Context, data_dict: DataDict) -> list[TableColumn]:
    """Say what the columns of a table are. For who may edit the file.

    It is written into the field `data_dictionary` of the file, from which the DataStore's data
    dictionary follows.

    :param id: id of the resource
    :type id: string
    :param columns: for each column to change `id`, and what is to change of `label`, `notes` and
        `type` (`text`, `number`, `date`, `timestamp`, or empty for what the file has)
    :type columns: list of dictionaries

    :returns: as `nd47_table_columns`
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_table_columns_update", context, data_dict)
    reference = schema.reference(data_dict)
    resource = tk.get_action("resource_show")(tk.fresh_context(context), {"id": reference})
    names = [field["id"] for field in columns.stored_fields(resource)]
    update.save(context, resource, schema.column_changes(data_dict, names))
    return tk.get_action("nd47_table_columns")(tk.fresh_context(context), {"id": reference})


@tk.side_effect_free
def nd47_table_schema(context: Context, data_dict: DataDict) -> TableSchema:
    """Return the data dictionary of a file as a Table Schema. For who may see the file.

    :param id: id of the resource
    :type id: string

    :returns: a Table Schema of Frictionless Data, with `fields`, each with `name`, `type`, and
        where they are known `title` and `description`
    :rtype: dictionary
    """
    tk.check_access("nd47_table_schema", context, data_dict)
    reference = schema.reference(data_dict)
    resource = tk.get_action("resource_show")(tk.fresh_context(context), {"id": reference})
    return table_schema.write(columns.of_resource(resource))


def nd47_table_schema_update(context: Context, data_dict: DataDict) -> TableSchema:
    """Fill the data dictionary of a file from a Table Schema. For who may edit the file.

    Labels, types and notes that the schema states replace those of the data dictionary; the rest
    stays. Columns that the file lacks are stated too, and the check of the file tells of them.

    :param id: id of the resource
    :type id: string
    :param schema: a Table Schema of Frictionless Data of at most 256 KB, as an object or a text
    :type schema: dictionary or string

    :returns: as `nd47_table_schema`
    :rtype: dictionary
    """
    tk.check_access("nd47_table_schema_update", context, data_dict)
    reference = schema.reference(data_dict)
    stated = table_schema.read(data_dict.get("schema"))
    resource = tk.get_action("resource_show")(tk.fresh_context(context), {"id": reference})
    update.save_stated(context, resource, stated)
    return tk.get_action("nd47_table_schema")(tk.fresh_context(context), {"id": reference})


def _as_dict(check: FileCheck | None, standings: Mapping[str, decisions.Standing]) -> FileCheckDict:
    """Return a check for the API; a file without one waits for it."""
    if check is None:
        return FileCheckDict(
            state=tables.WAITING, checked=None, version="", understood={}, findings=[], undecided=[]
        )
    standing = standings.get(check.resource_id, decisions.NOTHING)
    heaviest = list(messages.levels())
    findings = [messages.shown(finding) for finding in check.findings]  # type: ignore[arg-type]
    findings.sort(key=lambda finding: heaviest.index(finding["level"]))
    shown = FileCheckDict(
        state=check.state,
        checked=_utc(check.checked),
        version=check.version,
        understood={k: v for k, v in check.understood.items() if k != tables.AT_ONCE},
        findings=findings,
        undecided=sorted({key.partition(" ")[0] for key in standing.undecided}),
    )
    if config.quality_index() and check.checked and check.state != tables.FAILED:
        stored: list[Any] = check.findings
        shown["quality"] = index.of_check(check.understood, stored, http.language())
    return shown


def _resource(data_dict: DataDict) -> model.Resource:
    resource = model.Resource.get(schema.reference(data_dict))
    if resource is None or resource.state != core.State.ACTIVE:
        raise tk.ObjectNotFound(tk._("Resource was not found."))
    return resource


def _utc(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(dt.timezone.utc).isoformat() if moment else None
