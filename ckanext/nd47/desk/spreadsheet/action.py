"""Actions of the spreadsheet of datasets."""

from __future__ import annotations

import io
from typing import IO, Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.desk.bulk import changes, editable
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.spreadsheet import model as files
from ckanext.nd47.desk.spreadsheet import planning, result, saving
from ckanext.nd47.desk.spreadsheet.files import upload
from ckanext.nd47.desk.spreadsheet.files.archive import LARGEST_ARCHIVE, Archive, ArchiveError
from ckanext.nd47.desk.spreadsheet.planning import Planner
from ckanext.nd47.desk.spreadsheet.targets import Finder
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError
from ckanext.nd47.lib.vocabularies import vocabulary

__all__ = ["nd47_spreadsheet_preview", "nd47_spreadsheet_show"]

PAGE = 50
LARGEST_PAGE = 1_000
LONGEST_NAME = 200
FILES_AT_ONCE = 100
"""Files from the ZIP that are stored in one transaction."""


def nd47_spreadsheet_preview(context: Context, data_dict: DataDict) -> result.Result:
    """Read a table of datasets and files, and say what each row would do; nothing is changed yet.

    Then `nd47_bulk_apply` applies it with the `id` of the result, and `nd47_bulk_undo` undoes it.
    More than 20 datasets are checked by a job; the state is `preparing` until then.

    :param upload: the table as XLSX, as CSV, or as a ZIP with a CSV of datasets and one of files
    :type upload: file
    :param files: a ZIP with the files that the table names (optional)
    :type files: file
    :param all_or_nothing: change nothing where one row is refused (optional, default: false)
    :type all_or_nothing: bool

    :returns: the run as `nd47_spreadsheet_show` returns it
    :rtype: dictionary
    """
    tk.check_access("nd47_spreadsheet_preview", context, data_dict)
    tables.require()
    flags = inputs.of_kinds(
        {"all_or_nothing": data_dict.get("all_or_nothing")}, all_or_nothing="flag"
    )
    sent = _stream(data_dict, "upload")
    if sent is None:
        raise tk.ValidationError({"upload": [tk._("Choose a file.")]})
    try:
        read = upload.read(sent.read(upload.LIMITS.file + 1))
    except SheetError as error:
        raise tk.ValidationError({"upload": [str(error)]}) from error
    if not any(table and table.records for table in (read.datasets, read.files)):
        raise tk.ValidationError({"upload": [tk._("The table has no rows.")]})
    archive_file = _stream(data_dict, "files")
    try:
        archive = Archive(archive_file) if archive_file else None
    except ArchiveError as error:
        raise tk.ValidationError({"files": [str(error)]}) from error
    planner = Planner(read, archive, Finder(editable.of(context)))
    with vocabulary.preloaded():
        run_id = changes.plan(
            context,
            saving.CODE,
            planner.items(),
            all_or_nothing=flags.get("all_or_nothing", False),
            request={
                "name": str(getattr(data_dict["upload"], "filename", "") or "")[:LONGEST_NAME],
                "headings": upload.headings(read),
                "reading": read.about(),
            },
        )
    if archive:
        _keep_files(run_id, planner, archive)
    return result.page(run_id, "", PAGE, 0)


@tk.side_effect_free
def nd47_spreadsheet_show(context: Context, data_dict: DataDict) -> result.Result:
    """Return what a table would do, or has done, by row and cell.

    :param id: id of the run
    :type id: string
    :param outcome: only rows that are `new`, `changed`, `same` or `refused` (optional)
    :type outcome: string
    :param limit: rows to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: rows before the page (optional, default: 0)
    :type offset: int

    :returns: `progress`, `counts` by outcome, `reading`, which says what was recognised in the
        tables, and the rows as `results`; each with `sheet`, `row`, `subject`, `dataset`,
        `outcome`, `changes` with `old` and `new`, and `errors` with the cell and a `message`
    :rtype: dictionary
    """
    tk.check_access("nd47_spreadsheet_show", context, data_dict)
    tables.require()
    texts = inputs.of_kinds(data_dict, id="text", outcome="text")
    outcome = texts.get("outcome", "")
    if outcome and outcome not in planning.OUTCOMES:
        raise tk.ValidationError({"outcome": [inputs.none_of(outcome, planning.OUTCOMES)]})
    return result.page(
        tk.get_or_bust(texts, "id"),
        outcome,
        inputs.number(data_dict, "limit", PAGE, LARGEST_PAGE),
        inputs.number(data_dict, "offset", 0, inputs.LARGEST),
    )


def _stream(data_dict: DataDict, name: str) -> IO[bytes] | None:
    """Return an uploaded file as a stream that can be read again.

    Raises:
        ckan.plugins.toolkit.ValidationError: the parameter is something else.
    """
    value: Any = data_dict.get(name)
    if value is None or value == "":
        return None
    stream = getattr(value, "stream", value)
    if not all(hasattr(stream, method) for method in ("read", "seek", "tell")):
        raise tk.ValidationError({name: [tk._("Choose a file.")]})
    return stream if stream.seekable() else io.BytesIO(stream.read(LARGEST_ARCHIVE + 1))


def _keep_files(run_id: str, planner: Planner, archive: Archive) -> None:
    """Store the files that the rows name until they are saved with their datasets."""
    files.forget_unused()
    for number, waiting in enumerate(planner.uploads, start=1):
        if entry := archive.find(waiting["entry"]):
            files.keep(run_id, saving.key(waiting), archive.chunks(entry))
        if number % FILES_AT_ONCE == 0:
            model.Session.commit()
    model.Session.commit()
