"""What was found, in words: a message that says what, and a remedy that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypedDict

import ckan.plugins.toolkit as tk

from ckanext.nd47.tables.check.report import FINDINGS, Facts, FindingDict
from ckanext.nd47.tables.decisions.model import DE_IDENTIFIED, PUBLIC_BY_LAW, REVOKED


class Words(NamedTuple):
    """A message and its remedy."""

    message: str
    remedy: str


class ShownFinding(TypedDict):
    """A finding as actions return it; see `nd47_file_check`."""

    code: str
    kind: str
    level: str
    part: str
    column: str
    row: int | None
    count: int
    message: str
    remedy: str


def kinds_of_columns() -> dict[str, str]:
    """Return words for the types of columns, by `dictionary.entries.Kind`."""
    return {
        "text": tk._("Text"),
        "number": tk._("Number"),
        "date": tk._("Date"),
        "timestamp": tk._("Date with time"),
    }


def shown(finding: FindingDict) -> ShownFinding:
    """Return a finding with its words, in the language of the request."""
    code = finding["code"]
    kind, level = FINDINGS[code]
    words = _words()[code]
    example = str(finding["facts"].get("example", ""))
    facts = {"count": finding["count"], **finding["facts"], **_in_words(finding["facts"])}
    message = words.message.format_map(_Facts(facts))
    if example and "{example}" not in words.message:
        message = tk._("{message} Example: “{example}”.").format(message=message, example=example)
    return ShownFinding(
        code=code,
        kind=kind,
        level=level,
        part=finding["part"],
        column=finding["column"],
        row=finding["row"] or None,
        count=finding["count"],
        message=message,
        remedy=words.remedy.format_map(_Facts(facts)),
    )


def _in_words(facts: Facts) -> dict[str, str]:
    """Return the facts that are codes, in words."""
    meant = {"numeric": tk._("number"), "date": tk._("date"), "timestamp": tk._("date with time")}
    reasons = {
        "too-large": tk._("it is larger than what is loaded"),
        "too-many-columns": tk._("it has too many columns"),
        "database": tk._("the database refused it, and the administrator finds why in the log"),
    }
    words = {}
    if "meant" in facts:
        words["meant"] = meant.get(str(facts["meant"]), "")
    if "reason" in facts:
        unreadable = tk._("it could not be read to its end")
        words["reason"] = reasons.get(str(facts["reason"]), unreadable)
    return words


class _Facts(dict[str, object]):
    """Facts of a finding; a row of an earlier release may lack one."""

    def __missing__(self, key: str) -> str:
        return "…"


def kinds() -> dict[str, str]:
    """Return the kinds of findings in words, in the order of the page."""
    return {
        "personal-data": tk._("Personal data"),
        "link": tk._("Link"),
        "structure": tk._("Structure of the file"),
        "encoding": tk._("Encoding of the letters"),
        "columns": tk._("Columns expected"),
        "values": tk._("Values in the cells"),
        "geography": tk._("Coordinates"),
    }


def levels() -> dict[str, str]:
    """Return the levels in words, the heaviest first."""
    return {
        "error": tk._("Must be resolved"),
        "warning": tk._("Should be corrected"),
        "advice": tk._("Advice"),
    }


def decisions() -> dict[str, str]:
    """Return the decisions about personal data in words."""
    return {
        DE_IDENTIFIED: tk._("The data are de-identified: they lead to no person"),
        PUBLIC_BY_LAW: tk._("A law makes these data public"),
        REVOKED: tk._("Decisions taken back"),
    }


def types() -> dict[str, str]:
    """Return the types of columns in words."""
    return {
        "integer": tk._("whole number"),
        "number": tk._("number"),
        "date": tk._("date"),
        "text": tk._("text"),
        "empty": tk._("empty"),
    }


def _words() -> Mapping[str, Words]:
    return {**_personal(), **_encoding(), **_structure(), **_rows(), **_values(), **_others()}


def _personal() -> Mapping[str, Words]:
    remove = tk._("Remove the column or the numbers, unless a law makes them public.")
    return {
        "citizen-id": Words(
            tk._("{count} cells hold what looks like an identity number of a citizen (CCCD)."),
            remove,
        ),
        "identity-card": Words(
            tk._("{count} cells hold what looks like the number of an identity card (CMND)."),
            remove,
        ),
        "telephone": Words(
            tk._("{count} cells hold a mobile telephone number."),
            tk._("Remove the numbers of persons; numbers of offices may stay."),
        ),
        "mailbox": Words(
            tk._("{count} cells hold a mailbox of a service for everybody, such as Gmail."),
            tk._("Remove the mailboxes of persons; give the mailbox of the agency instead."),
        ),
        "birth-date": Words(
            tk._("{count} cells hold a date or year of birth."),
            tk._("Remove the column, or give an age group instead."),
        ),
        "bank-account": Words(tk._("{count} cells hold the number of a bank account."), remove),
        "plate": Words(tk._("{count} cells hold the plate of a vehicle."), remove),
        "insurance-number": Words(
            tk._("{count} cells hold a number of social or health insurance."), remove
        ),
        "person-name": Words(
            tk._("{count} cells hold the name of a person, beside other personal data."),
            tk._("Remove the names, or replace them by codes that lead back to nobody."),
        ),
    }


def _encoding() -> Mapping[str, Words]:
    as_utf8 = tk._("Save the file as UTF-8, or use the repaired copy.")
    return {
        "utf-16": Words(tk._("The text is in UTF-16, which many programs do not read."), as_utf8),
        "old-encoding": Words(
            tk._("The text is in {encoding}, not in Unicode: “{example}” should read “{meant}”."),
            as_utf8,
        ),
        "mixed-encodings": Words(
            tk._("The text is partly in UTF-8 and partly in {encoding}."), as_utf8
        ),
        "old-font": Words(
            tk._("Cells are typed for a font of {encoding}: “{example}” should read “{meant}”."),
            tk._("Convert the cells to Unicode, or use the repaired copy."),
        ),
        "viqr": Words(
            tk._("The text is in VIQR: the marks stand as signs behind the letters."),
            tk._("Convert the text to Unicode."),
        ),
        "decomposed": Words(
            tk._(
                "In {count} texts the marks are separate from their letters (decomposed Unicode)."
            ),
            tk._("Searches elsewhere may miss them. The repaired copy has composed letters."),
        ),
        "read-wrongly": Words(
            tk._(
                "Letters were read with the wrong encoding, such as “Ã¡” for “á” ({count} times)."
            ),
            tk._("Export the file again as UTF-8 from the program that it comes from."),
        ),
        "lost-letters": Words(
            tk._("{count} letters are lost: a sign (�) stands in their place."),
            tk._("Export the file again as UTF-8 from the program that it comes from."),
        ),
    }


def _structure() -> Mapping[str, Words]:
    replace = tk._("Upload the right file, or correct its name and format.")
    return {
        "not-as-named": Words(
            tk._("The name or the format says {named}, but the file is {content}."), replace
        ),
        "empty": Words(tk._("There are no data in it."), tk._("Upload the right file.")),
        "broken": Words(
            tk._("The file is broken or incomplete: it cannot be read to its end."),
            tk._("Open it with its program, save it again, and upload it again."),
        ),
        "locked": Words(
            tk._("The file is protected by a password."), tk._("Save it without a password.")
        ),
        "too-large": Words(
            tk._("The file is larger than what is checked ({limit})."),
            tk._("Divide it, or publish it as CSV, which is checked at any length."),
        ),
        "partly-checked": Words(
            tk._("Only the first {count} rows were checked."),
            tk._("The rest is published as it is; publish long tables as CSV."),
        ),
        "unknown-format": Words(
            tk._("The content of this kind of file is not checked."),
            tk._("Prefer CSV, XLSX, ODS, JSON or GeoJSON for data."),
        ),
        "program": Words(
            tk._("The file holds a program (macros)."), tk._("Save it without macros.")
        ),
        "external-links": Words(
            tk._("Cells refer to other files ({count})."), tk._("Replace the formulas by values.")
        ),
        "unsafe-path": Words(
            tk._("A file in the ZIP has a path that leads out of the folder it is unpacked to."),
            tk._("Make the ZIP again."),
        ),
        "no-text": Words(
            tk._("The document has pictures of pages and no text, as after a scan."),
            tk._("Publish the document that the pages were printed from, and its tables as CSV."),
        ),
        "several-tables": Words(
            tk._("Another table begins below the first one."),
            tk._("Give each table a file or a sheet of its own."),
        ),
        "several-sheets": Words(
            tk._("The file has {count} sheets with data; previews show only the first."),
            tk._("Give each table a file of its own."),
        ),
        "ragged-rows": Words(
            tk._("{count} rows have more or fewer cells than the headings ({width})."),
            tk._("Check the rows; cells with the separator need quotation marks."),
        ),
        "formula-errors": Words(
            tk._("{count} cells show the error of a formula."), tk._("Replace them by values.")
        ),
    }


def _rows() -> Mapping[str, Words]:
    one_row = tk._("Keep one row of headings on top, or use the repaired copy.")
    return {
        "title-rows": Words(
            tk._("{count} rows stand above the headings, such as a title."), one_row
        ),
        "two-row-heading": Words(tk._("The headings take two rows."), one_row),
        "numbering-row": Words(
            tk._("A row below the headings numbers the columns."), tk._("Delete the row.")
        ),
        "merged-cells": Words(
            tk._("{count} groups of cells are merged; programs read only the first of each."),
            tk._("Unmerge them and repeat the value."),
        ),
        "no-heading": Words(
            tk._("The first row is no row of headings."), tk._("Put a row of headings on top.")
        ),
        "empty-heading": Words(
            tk._("{count} columns with data have no heading."), tk._("Give each a heading.")
        ),
        "same-heading": Words(
            tk._("Several columns have this heading."), tk._("Give each a heading of its own.")
        ),
        "long-heading": Words(
            tk._("The heading is longer than {limit} bytes and would be cut."),
            tk._("Shorten it, and explain the column in the data dictionary."),
        ),
        "too-many-columns": Words(
            tk._("The table has {count} columns; the first {limit} were checked."),
            tk._("Turn columns such as years or places into rows."),
        ),
        "not-loaded": Words(
            tk._("The table was not loaded, so it can be downloaded but not searched: {reason}."),
            tk._("Mend the file and replace it, or publish the table as CSV in several files."),
        ),
        "total-row": Words(
            tk._(
                "The last rows are totals ({count}), so the sum of a column counts everything "
                "twice."
            ),
            tk._("Delete them, or use the repaired copy."),
        ),
        "notes-below": Words(
            tk._("{count} rows below the table are no records, such as notes or signatures."),
            tk._("Move them to the description of the file."),
        ),
    }


def _values() -> Mapping[str, Words]:
    as_numbers = tk._("Write numbers as 1234.5 in CSV, or as numbers in a workbook.")
    iso = tk._("Write dates as year-month-day (2026-07-01), or use the repaired copy.")
    return {
        "several-values": Words(
            tk._("{count} cells hold several values."), tk._("Give each value a row or column.")
        ),
        "decimal-comma": Words(
            tk._("{count} numbers have a decimal comma; programs read them as text."), as_numbers
        ),
        "thousands-dots": Words(
            tk._("{count} numbers have dots between the thousands; programs read them wrongly."),
            as_numbers,
        ),
        "thousands-commas": Words(
            tk._("{count} numbers have commas between the thousands; programs read them as text."),
            as_numbers,
        ),
        "day-first-dates": Words(tk._("{count} dates are written day first."), iso),
        "mixed-dates": Words(
            tk._("Dates are written in several ways ({count} in the rarer one)."), iso
        ),
        "impossible-dates": Words(
            tk._("{count} dates do not exist in day-month order."), tk._("Correct them.")
        ),
        "excel-serials": Words(
            tk._("{count} dates are stored as the day numbers of a spreadsheet."),
            tk._("Format the column as a date before you export it."),
        ),
        "lost-zeros": Words(
            tk._("{count} codes or telephone numbers seem to have lost their first zero."),
            tk._("Format the column as text before you type or import the numbers."),
        ),
        "mixed-types": Words(
            tk._("{count} cells are text in a column of numbers or dates."),
            tk._("Move remarks to a column of their own."),
        ),
        "placeholders": Words(
            tk._("{count} cells hold a sign instead of a value."), tk._("Leave such cells empty.")
        ),
        "duplicate-rows": Words(
            tk._("{count} rows repeat an earlier row entirely."), tk._("Delete the repetitions.")
        ),
        "tax-numbers": Words(
            tk._("{count} tax numbers are wrong: ten digits with a check digit are expected."),
            tk._("Compare them with the source."),
        ),
        "old-provinces": Words(
            tk._("{count} cells name a province of before 1 July 2025."),
            tk._("Say which units the data cover, or give the present province beside it."),
        ),
        "kept-as-text": Words(
            tk._(
                "{count} cells are no {meant}, so the column was loaded as text: it is sorted and "
                "filtered as text."
            ),
            tk._("Correct these cells, or leave them empty, and replace the file."),
        ),
        "unknown-provinces": Words(
            tk._("{count} cells name no province of the list."), tk._("Correct the names.")
        ),
    }


def _others() -> Mapping[str, Words]:
    return {
        "not-wgs84": Words(
            tk._("Coordinates are not in WGS 84; numbers of this size are metres, as in VN-2000."),
            tk._("Use the copy in WGS 84, or convert them with the zone of your province."),
        ),
        "swapped": Words(
            tk._("Latitude and longitude seem to be swapped ({count} times)."),
            tk._("GeoJSON and KML have longitude first."),
        ),
        "outside": Words(
            tk._("{count} positions are outside the province and its surroundings."),
            tk._("Correct them, or check the system of coordinates."),
        ),
        "broken-geometry": Words(
            tk._("{count} geometries are missing or broken, such as an area that crosses itself."),
            tk._("Repair them with the map program."),
        ),
        "no-projection": Words(
            tk._("The Shapefile does not say its system of coordinates (.prj)."),
            tk._("Add the .prj file, or publish GeoJSON."),
        ),
        "stated-columns": Words(
            tk._("Columns of the data dictionary are missing in the file: {columns}."),
            tk._("Restore them, or take them out of the data dictionary."),
        ),
        "missing-columns": Words(
            tk._("Columns of the version before are missing: {columns}."),
            tk._("Restore them, or tell users in the description that they have ended."),
        ),
        "new-columns": Words(
            tk._("The version before did not have these columns: {columns}."),
            tk._("Explain them in the data dictionary."),
        ),
        "changed-types": Words(
            tk._("Columns have another type than in the version before: {columns}."),
            tk._("Check their values."),
        ),
        "unreachable": Words(
            tk._("The file could not be fetched: nothing answers, or not in time."),
            tk._("Check the address, or upload the file."),
        ),
        "not-public": Words(
            tk._("The address is not on the public network."),
            tk._("Upload the file, or give an address that everybody reaches."),
        ),
        "refused": Words(
            tk._("The server of the file answers with the error {status}."),
            tk._("Check the address, or upload the file."),
        ),
    }
