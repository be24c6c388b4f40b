"""Actions of the documents: tables that are read into a draft, and the table of an edition."""

from __future__ import annotations

from typing import Any, NamedTuple, TypedDict

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.documents import importing, shown, tables
from ckanext.nd47.catalogue.documents import model as imports
from ckanext.nd47.catalogue.documents.model import ITEMS, PROPOSALS
from ckanext.nd47.catalogue.documents.reading import LIMITS
from ckanext.nd47.catalogue.logic import rights, schema
from ckanext.nd47.catalogue.records import fields, stored
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.files.spreadsheets.headings import IGNORED
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError

__all__ = [
    "nd47_catalogue_import_apply",
    "nd47_catalogue_import_columns",
    "nd47_catalogue_import_preview",
    "nd47_catalogue_import_show",
    "nd47_catalogue_import_undo",
    "nd47_catalogue_table",
]

LONGEST_NAME = 200
MOST_MAPPED = 100


class Undone(TypedDict):
    """What was undone; `stayed` names the items that somebody changed since."""

    id: str
    state: str
    stayed: list[str]


def nd47_catalogue_import_preview(context: Context, data_dict: DataDict) -> shown.ImportDict:
    """Read a table into a draft, and say what each row would do; nothing is changed yet.

    :param id: id or name of the draft
    :type id: string
    :param upload: the table as XLSX, CSV or DOCX
    :type upload: file
    :param agency: id, name or code of an agency: its items are proposed to the compiling agency
        instead of being written into the draft (optional)
    :type agency: string

    :returns: as `nd47_catalogue_import_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_import_preview", context, data_dict)
    imports.require()
    draft = stored.catalogue(data_dict.get("id"))
    account = rights.of(context)
    upload = _upload(data_dict)
    reference = schema.line(data_dict, "agency")
    agency = directory.get(reference) if reference else None
    if reference and agency is None:
        raise stored.invalid("agency", tk._("There is no agency with this code or name."))
    try:
        made = importing.create(
            account.user_id,
            draft,
            importing.Sent(
                PROPOSALS if agency else ITEMS,
                agency.id if agency else "",
                upload.name,
                upload.data,
            ),
        )
    except SheetError as error:
        raise stored.invalid("upload", str(error)) from error
    return shown.one(made, "", schema.PAGE, 0)


@tk.side_effect_free
def nd47_catalogue_import_show(context: Context, data_dict: DataDict) -> shown.ImportDict:
    """Return what a table would do with a draft, row by row.

    :param id: id of the table, from `nd47_catalogue_import_preview`
    :type id: string
    :param outcome: only rows that are `new`, `changed`, `same` or `refused` (optional)
    :type outcome: string
    :param limit: rows to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: rows before the page (optional, default: 0)
    :type offset: int

    :returns: `state`, `message` where nothing could be read, `columns` with the field of each,
        `groups` and `left_out` rows, `counts` by outcome, and `results`, each with `changes`,
        `errors` and `notes`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_import_show", context, data_dict)
    imports.require()
    limit, offset = schema.page(data_dict)
    outcome = schema.choice(data_dict, "outcome", ("", *importing.OUTCOMES))
    return shown.one(importing.find(_id(data_dict)), outcome, limit, offset)


def nd47_catalogue_import_columns(context: Context, data_dict: DataDict) -> shown.ImportDict:
    """Choose which field each column of a table holds, and which sheet is read.

    :param id: id of the table
    :type id: string
    :param columns: fields by key of the heading, as the preview names them; `-` leaves a column
        out, an empty one goes with the remarks (optional)
    :type columns: dictionary
    :param sheet: number of the sheet, from 0 (optional, default: the first one that fits)
    :type sheet: int

    :returns: as `nd47_catalogue_import_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_import_columns", context, data_dict)
    imports.require()
    table_import = importing.find(_id(data_dict))
    columns = data_dict.get("columns") or {}
    if not isinstance(columns, dict) or len(columns) > MOST_MAPPED:
        raise stored.invalid("columns", tk._("Enter a list of names and values here."))
    allowed = {"", IGNORED, *fields.by_name()}
    mapping = {str(key)[:LONGEST_NAME]: str(name) for key, name in columns.items()}
    for name in mapping.values():
        if name not in allowed:
            raise stored.invalid("columns", inputs.none_of(name, sorted(allowed)))
    sheet = None
    if data_dict.get("sheet") not in (None, ""):
        sheet = inputs.number(data_dict, "sheet", 0, max(0, len(table_import.sheets) - 1))
    importing.choose(table_import, mapping, sheet)
    return shown.one(table_import, "", schema.PAGE, 0)


def nd47_catalogue_import_apply(context: Context, data_dict: DataDict) -> shown.ImportDict:
    """Apply a table to its draft in one transaction: all rows that are not refused.

    :param id: id of the table
    :type id: string

    :returns: as `nd47_catalogue_import_show`, with what was done
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_import_apply", context, data_dict)
    imports.require()
    reference = _id(data_dict)
    importing.find(reference)
    result = importing.apply(rights.of(context).user_id, reference)
    return shown.of_result(importing.find(reference), result, "", schema.PAGE, 0)


def nd47_catalogue_import_undo(context: Context, data_dict: DataDict) -> Undone:
    """Undo a table that was applied; items that were changed since stay as they are.

    :param id: id of the table
    :type id: string

    :returns: `id`, `state` and `stayed`, names of the items that stayed
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_import_undo", context, data_dict)
    imports.require()
    reference = _id(data_dict)
    importing.find(reference)
    stayed = importing.undo(rights.of(context).user_id, reference)
    return {"id": reference, "state": importing.find(reference).state, "stayed": stayed}


@tk.side_effect_free
def nd47_catalogue_table(context: Context, data_dict: DataDict) -> tables.TableDict:
    """Return an edition as the table that is printed and downloaded.

    :param id: id or name of the edition
    :type id: string
    :param columns: `printed`, those that the portal has chosen for the annex, or `all`
        (optional, default: `printed`)
    :type columns: string

    :returns: `title`, `columns` with `name` and `title`, and `rows`, each with `group` and `cells`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_table", context, data_dict)
    imports.require()
    catalogue = stored.catalogue(data_dict.get("id"))
    which = schema.choice(data_dict, "columns", tables.CHOICES, tables.PRINTED)
    officers = rights.of(context).reads_drafts
    return tables.of_edition(catalogue, which, officers=officers)


def _id(data_dict: DataDict) -> str:
    return tk.get_or_bust(inputs.of_kinds(data_dict, id="text"), "id")


class _Upload(NamedTuple):
    name: str
    data: bytes


def _upload(data_dict: DataDict) -> _Upload:
    value: Any = data_dict.get("upload")
    stream = getattr(value, "stream", value)
    name = str(getattr(value, "filename", "") or "")
    # A browser sends an empty file without a name where nobody chose one.
    if not hasattr(stream, "read") or (hasattr(value, "filename") and not name):
        raise stored.invalid("upload", tk._("Choose a file."))
    return _Upload(name[:LONGEST_NAME], stream.read(LIMITS.file + 1))
