"""Actions that change many records of the register at once."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import rebuild
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import adopt, columns, intake, spreadsheet, tables, transfer

__all__ = ["nd47_focal_point_adopt", "nd47_register_import"]

MODES = ("propose", "apply", "undo")


def nd47_focal_point_adopt(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Make focal points of the contacts that datasets spell out, and let datasets refer to them.

    Reads `contact`, else `maintainer`, else `author`; what is the same but for case, diacritics and
    spacing becomes one record.

    :param mode: `propose` (optional, the default) changes nothing, `apply` does it, `undo` gives
        the datasets back what they had
    :type mode: string
    :param run: id of the run to undo
    :type run: string

    :returns: `groups` of contacts, and for `apply` the id of the `run`; for `undo` the datasets
        `restored`, and those `kept` because they were changed since
    :rtype: dictionary
    """
    tables.need()
    tk.check_access("nd47_focal_point_adopt", context, data_dict)
    mode = data_dict.get("mode") or MODES[0]
    if mode not in MODES:
        raise tk.ValidationError({"mode": [f"{', '.join(MODES)}"]})
    if mode == "propose":
        return {"groups": [adopt.as_dict(one) for one in adopt.propose()]}
    user_id = intake.user_id(context)
    if mode == "apply":
        run, groups, changed = adopt.apply(user_id)
        result = {"run": run, "groups": [adopt.as_dict(one) for one in groups]}
    else:
        changed, kept = adopt.undo(str(tk.get_or_bust(data_dict, "run")), user_id)
        result = {"restored": changed, "kept": kept}
    model.Session.commit()
    if changed:
        rebuild(package_ids=changed)
    return result


def nd47_register_import(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Enter a table of agencies or focal points; all of its rows or, on any error, none.

    :param kind: `agencies` or `focal-points`
    :type kind: string
    :param upload: the table as CSV or XLSX (optional)
    :type upload: file
    :param rows: the rows, in place of a file (optional)
    :type rows: list of dictionaries
    :param dry_run: change nothing and say what would become of each row (optional, default: true)
    :type dry_run: boolean

    :returns: `applied`, and the `rows` with number, subject, outcome (`create`, `update`,
        `unchanged`, `error`) and errors by column
    :rtype: dictionary
    """
    tables.need()
    tk.check_access("nd47_register_import", context, data_dict)
    kind = str(data_dict.get("kind") or "")
    if kind not in columns.HEADINGS:
        raise tk.ValidationError({"kind": [", ".join(columns.HEADINGS)]})
    rows = _rows(kind, data_dict)
    is_dry = tk.asbool(data_dict.get("dry_run", True))
    try:
        outcomes = transfer.take_in(kind, rows, context, intake.user_id(context))
    except BaseException:
        model.Session.rollback()
        raise
    applied = not is_dry and all(one.outcome != "error" for one in outcomes)
    if applied:
        model.Session.commit()
    else:
        model.Session.rollback()
    return {"applied": applied, "rows": [one.as_dict() for one in outcomes]}


def _rows(kind: str, data_dict: DataDict) -> list[tuple[int, dict[str, Any]]]:
    upload: Any = data_dict.get("upload")
    if hasattr(upload, "read"):
        try:
            return transfer.rows_of(kind, upload.read(spreadsheet.LARGEST_FILE + 1))
        except spreadsheet.SheetError as error:
            raise tk.ValidationError({"upload": [str(error)]}) from error
    rows = data_dict.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise tk.ValidationError({"rows": [tk._("Give a file, or a list of rows.")]})
    return list(enumerate(rows, start=1))
