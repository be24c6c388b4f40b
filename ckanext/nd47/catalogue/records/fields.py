"""Fields of catalogues and items: their kinds and words from `schemas/catalogue.yaml`.

`read` turns what people, documents and the API give into values of columns, `written` turns a row
into the form of the API, and `in_words` into what a table or a comparison shows. The order of the
fields is that of the file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypedDict, get_args

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies.lookup.names import AgencyIndex, AmbiguousError, load_agencies
from ckanext.nd47.catalogue.records.model import Catalogue, Item
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import licence

Kind = Literal["line", "text", "day", "number", "code", "codes", "agency", "licence", "columns"]

LONGEST_LINE = 500
LONGEST_TEXT = 10_000
MOST_COLUMNS = 200
MOST_ALIASES = 50
MOST_CODES = 50
LARGEST_NUMBER = 10_000
ALIASES = "|"
"""Between the name of an expected column and its other names, in a form or a cell."""

CLEARED = ("", "-", "–")

FOR_OFFICERS = ("focal_point", "focal_email", "focal_telephone")
"""Fields of items that only accounts with a role in an agency see: they name a person."""


class ColumnDict(TypedDict):
    """An expected column of the data, with other names that mean the same."""

    name: str
    aliases: list[str]


@dataclass(frozen=True)
class Field:
    """A field of a catalogue or an item.

    Attributes:
        name: name in the API and of the column; of an agency the column of its name, beside which
            `<name>_id` has its id.
        kind: one of `Kind`.
        group: heading that it stands under in forms.
        vocabulary: id of the code list of a code.
        label: its name by language.
        required: whether it must have a value.
        status: how sure it is that provinces have this column.
        source: where it was seen.
    """

    name: str
    kind: Kind
    group: str
    label: Mapping[str, str]
    vocabulary: str = ""
    required: bool = False
    status: str = "design"
    source: str = ""

    @property
    def title(self) -> str:
        """The name in the language of the request."""
        return self.label.get(http.language(), self.label["en"])


class Deadline(TypedDict, total=False):
    """A deadline with its source and the days on which it holds."""

    code: str
    months: int
    days: int
    label: Mapping[str, str]
    source: str
    valid_from: str
    valid_to: str
    status: str


@cache
def _file() -> Mapping[str, Any]:
    return read_yaml(data_path("schemas", "catalogue.yaml"))


@cache
def of_items() -> tuple[Field, ...]:
    """Return the fields of items, in their order."""
    return tuple(Field(**row) for row in _file()["item"])


@cache
def of_items_for(*, officers: bool) -> tuple[Field, ...]:
    """Return the fields of items that officers see, or those that everybody sees."""
    return tuple(field for field in of_items() if officers or field.name not in FOR_OFFICERS)


@cache
def of_catalogues() -> tuple[Field, ...]:
    """Return the fields of catalogues, in their order."""
    return tuple(Field(**row) for row in _file()["catalogue"])


@cache
def by_name(*, items: bool = True) -> Mapping[str, Field]:
    """Return the fields of items, or of catalogues, by name."""
    return {field.name: field for field in (of_items() if items else of_catalogues())}


def groups() -> dict[str, str]:
    """Return the headings of the groups of fields, in the language of the request."""
    lang = http.language()
    return {code: label.get(lang, label["en"]) for code, label in _file()["groups"].items()}


def default_columns() -> tuple[str, ...]:
    """Return the names of the fields in the printed table, where the portal chose none."""
    return tuple(_file()["columns"])


def deadline(code: str, day: dt.date | None = None) -> Deadline | None:
    """Return the deadline of a code that holds on a day, today without one."""
    on = dates.iso(day or dates.today())
    for row in _file()["deadlines"]:
        is_valid = row["valid_from"] <= on <= row.get("valid_to", on)
        if row["code"] == code and is_valid:
            return row
    return None


def is_known_kind(kind: str) -> bool:
    """Return whether a kind of field is one that this module reads."""
    return kind in get_args(Kind)


def read(
    data: Mapping[str, Any], fields: Iterable[Field], agencies: AgencyIndex | None = None
) -> dict[str, Any]:
    """Return the values of columns for the fields that an input has.

    Args:
        data: values by name of the field, as texts or as the API writes them.
        fields: the fields that are read; others in the input are ignored.
        agencies: names of agencies; read when they are needed and not given.

    Raises:
        ckan.plugins.toolkit.ValidationError: a value is wrong; the messages by field.
    """
    column_values: dict[str, Any] = {}
    problems: dict[str, list[str]] = {}
    for field in fields:
        if field.name not in data and f"{field.name}_id" not in data:
            continue
        try:
            if field.kind == "agency":
                agencies = agencies or load_agencies()
                column_values |= _agency(field.name, data, agencies)
            else:
                column_values[field.name] = _READERS[field.kind](data[field.name], field)
        except ValueError as error:
            problems[field.name] = [str(error)]
            continue
        if field.required and not column_values[field.name]:
            problems[field.name] = [tk._("{field}: enter a value.").format(field=field.title)]
    if problems:
        raise tk.ValidationError(dict(problems))
    return column_values


def require(data: Mapping[str, Any], fields: Iterable[Field]) -> None:
    """Refuse a new row without the fields that must have a value.

    Raises:
        ckan.plugins.toolkit.ValidationError: some are missing.
    """
    missing = {
        field.name: [tk._("{field}: enter a value.").format(field=field.title)]
        for field in fields
        if field.required and not data.get(field.name)
    }
    if missing:
        raise tk.ValidationError(dict(missing))


def written(row: Catalogue | Item | Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """Return a row in the form of the API: days as ISO dates, everything else as stored."""
    get: Callable[[str], Any] = row.get if isinstance(row, Mapping) else lambda n: getattr(row, n)
    shown: dict[str, Any] = {}
    for field in fields:
        value = get(field.name)
        shown[field.name] = value.isoformat() if isinstance(value, dt.date) else value
        if field.kind == "agency":
            shown[f"{field.name}_id"] = get(f"{field.name}_id") or ""
    return shown


def in_words(field: Field, value: Any) -> str:
    """Return a value as people read it, in the language of the request; empty without one."""
    if value is None or value in ("", []):
        return ""
    return _WORDS.get(field.kind, lambda raw, _field: str(raw))(value, field)


def typed(field: Field, value: Any) -> str:
    """Return a value as a form shows it for editing."""
    if value is None:
        return ""
    if field.kind == "columns":
        return "\n".join(
            f" {ALIASES} ".join([column["name"], *column["aliases"]]) for column in value
        )
    if field.kind == "day":
        return values.day_first(str(value))
    return str(value)


def licences() -> dict[str, str]:
    """Return the titles of the licences of the portal, by id."""
    register = model.Package.get_license_register()
    return {registered.id: str(registered.title) for registered in register.values()}


def folded(data: Mapping[str, Any]) -> str:
    """Return the searchable fields of an item without diacritics."""
    names = ("code", "name", "description", "provider", "source_database", "note")
    return text.fold(" ".join(str(data.get(name) or "") for name in names))


def _line(value: Any, _field: Field) -> str:
    return values.one_line(_limited(value, LONGEST_LINE))


def _text(value: Any, _field: Field) -> str:
    return _limited(value, LONGEST_TEXT).replace("\r\n", "\n").strip()


def _limited(value: Any, longest: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        message = tk._("Enter a text here, not a list or another structure.")
        raise ValueError(message)  # noqa: TRY004 - a person's mistake
    try:
        cleaned = values.clean_text(str(value))
    except ValueError as error:
        raise ValueError(inputs.hidden_character(str(error))) from None
    if len(cleaned) > longest:
        message = tk._("This is too long: at most {limit} characters.")
        raise ValueError(message.format(limit=longest))
    return text.nfc(cleaned)


def _day(value: Any, field: Field) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    line = _line(value, field)
    if line in CLEARED:
        return None
    try:
        return dates.parse(line)
    except ValueError:
        raise ValueError(tk._("Write the day as in 31/12/2026.")) from None


def _number(value: Any, field: Field) -> int | None:
    line = _line(value, field)
    if line in CLEARED:
        return None
    digits = line.lstrip("0")
    is_number = line.isascii() and line.isdigit() and len(digits) <= len(str(LARGEST_NUMBER))
    if not is_number or int(line) > LARGEST_NUMBER:
        raise ValueError(tk._("Enter a whole number here, 0 or more."))
    return int(line)


def _code(value: Any, field: Field) -> str:
    line = _line(value, field)
    if line in CLEARED:
        return ""
    return _known(field.vocabulary, line)


def _codes(value: Any, field: Field) -> list[str]:
    entries = value if isinstance(value, list) else _line(value, field).replace(";", ",").split(",")
    names = [_line(entry, field) for entry in _few(entries, MOST_CODES)]
    chosen = [_known(field.vocabulary, name) for name in names if name not in CLEARED]
    return list(dict.fromkeys(chosen))


def _known(vocabulary_id: str, value: str) -> str:
    code = vocabulary.recognise(vocabulary_id, value)
    if vocabulary.term(vocabulary_id, code) is None:
        message = tk._("“{value}” is not in the code list “{list}”.")
        title = vocabulary.get(vocabulary_id).title
        lang = http.language()
        raise ValueError(message.format(value=value[:80], list=title.get(lang, title["en"])))
    return code


def _licence(value: Any, field: Field) -> str:
    line = _line(value, field)
    if line in CLEARED:
        return ""
    if recognised := licence.recognise(line):
        return recognised
    by_title = {text.fold(title): license_id for license_id, title in licences().items()}
    license_id = by_title.get(text.fold(line))
    if license_id is None:
        raise ValueError(tk._("“{value}” is no licence of this portal.").format(value=line[:80]))
    return license_id


def _columns(value: Any, field: Field) -> list[ColumnDict]:
    entries: Sequence[Any] = value if isinstance(value, list) else _text(value, field).split("\n")
    columns = [_column(entry, field) for entry in _few(entries, MOST_COLUMNS) if entry]
    return [column for column in columns if column["name"]]


def _few(entries: Sequence[Any], most: int) -> Sequence[Any]:
    """Return entries of which there are not too many.

    Raises:
        ValueError: there are.
    """
    if len(entries) > most:
        raise ValueError(tk._("At most {most} values.").format(most=most))
    return entries


def _column(entry: Any, field: Field) -> ColumnDict:
    if isinstance(entry, Mapping):
        aliases = entry.get("aliases") or []
        if not isinstance(aliases, list):
            raise ValueError(tk._("Enter a list here."))  # noqa: TRY004 - as above
        names = [entry.get("name"), *aliases]
    else:
        names = _line(entry, field).split(ALIASES)
    name, *others = [_line(column_name, field) for column_name in _few(names, 1 + MOST_ALIASES)]
    return {"name": name, "aliases": [alias for alias in others if alias]}


def _agency(name: str, data: Mapping[str, Any], agencies: AgencyIndex) -> dict[str, str]:
    """Return the id and the name of an agency; a name that nobody has stays a name."""
    written_name = values.one_line(_limited(data.get(name), LONGEST_LINE))
    reference = values.one_line(_limited(data.get(f"{name}_id"), LONGEST_LINE))
    try:
        agency_id = agencies.find(reference) if reference else None
        if reference and agency_id is None:
            raise ValueError(tk._("There is no agency “{name}”.").format(name=reference[:80]))
        agency_id = agency_id or (agencies.find(written_name) if written_name else None)
    except AmbiguousError as error:
        raise ValueError(str(error)) from None
    return {f"{name}_id": agency_id or "", name: written_name}


_READERS: Mapping[str, Callable[[Any, Field], Any]] = {
    "line": _line,
    "text": _text,
    "day": _day,
    "number": _number,
    "code": _code,
    "codes": _codes,
    "licence": _licence,
    "columns": _columns,
}


def _label(value: Any, field: Field) -> str:
    return vocabulary.label(field.vocabulary, str(value), http.language())


def _labels(value: Any, field: Field) -> str:
    return ", ".join(_label(code, field) for code in value)


def _day_in_words(value: Any, _field: Field) -> str:
    return values.day_first(value.isoformat() if isinstance(value, dt.date) else str(value))


def _licence_title(value: Any, _field: Field) -> str:
    return licences().get(str(value), str(value))


def _column_names(value: Any, _field: Field) -> str:
    return ", ".join(column["name"] for column in value)


_WORDS: Mapping[str, Callable[[Any, Field], str]] = {
    "code": _label,
    "codes": _labels,
    "day": _day_in_words,
    "licence": _licence_title,
    "columns": _column_names,
}
