"""Citations of a dataset: the attribution statement, and formats of reference managers.

Users must cite the source: Law 20/2023/QH15, Article 43(5), and before it Decree 47/2020,
Article 18(2). Neither prescribes a form, so the portal has a template with placeholders.

Sources of the formats: APA style, 7th edition, section 10.9 (data sets); BibTeX's rules for braces
(a brace counts even behind a backslash); the RIS specification (one tag a line); CSL-JSON, schema
of the Citation Style Language 1.0.2.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import config
from ckanext.nd47.lib.fields import values
from ckanext.nd47.metadata import dataset_reader, licence

log = logging.getLogger(__name__)

PLACEHOLDERS = ("agency", "title", "identifier", "url", "date", "license")

_OPENING = re.compile(r"[“\"'(\[]$")
_CLOSING = re.compile(r"^[”\"')\]]?[,;.:]?\s*")
_TRAILING = " ,;:"

Agencies = dict[tuple[Any, str], str]
"""Titles of agencies by owner organisation and responsible agency, within one response."""


class TemplateError(ValueError):
    """An invalid template.

    Attributes:
        place: the invalid placeholder; empty if the braces do not match.
    """

    def __init__(self, place: str = "") -> None:
        super().__init__(f"attribution template: {place or 'braces do not match'}")
        self.place = place


def statement(dataset: dataset_reader.Dataset, lang: str | None = None) -> str:
    """Return the attribution statement of a dataset: its own, otherwise from the template.

    Args:
        dataset: the dataset as `package_show` returns it.
        lang: language of the licence's title; default: that of the request.
    """
    return dataset_reader.text(dataset, "attribution") or _by_template(
        placeholder_values(dataset, lang)
    )


def preview(template: str) -> str:
    """Return a template filled with example values.

    Raises:
        TemplateError: the template is invalid.
    """
    example = {
        "agency": tk._("Example department"),
        "title": tk._("List of primary schools"),
        "identifier": "H99.02-000017",
        "url": f"{config.site_base()}/dataset/danh-sach-truong-tieu-hoc",
        "date": "31/12/2026",
        "license": licence.title(licence.CURRENT),
    }
    return fill(template, example)


def default_statement(dataset: dataset_reader.Dataset, agencies: Agencies) -> str:
    """Return the statement in the default language of the portal, whatever that of the request.

    So the API and the export agree, whatever the language of the client.

    Args:
        dataset: the dataset as an action returns it.
        agencies: titles looked up for the same response so far; updated.
    """
    attribution = dataset_reader.text(dataset, "attribution")
    return attribution or _by_template(
        placeholder_values(dataset, config.default_language(), agencies)
    )


def placeholder_values(
    dataset: dataset_reader.Dataset, lang: str | None = None, agencies: Agencies | None = None
) -> dict[str, str]:
    """Return the values of the placeholders of the template."""
    return {
        "agency": _agency_title(dataset, {} if agencies is None else agencies),
        "title": dataset_reader.text(dataset, "title") or dataset_reader.text(dataset, "name"),
        "identifier": dataset_reader.text(dataset, "identifier"),
        "url": page_address(dataset),
        "date": values.day_first(dataset_reader.updated(dataset)),
        "license": licence.title_of(dataset, lang),
    }


def page_address(dataset: dataset_reader.Dataset) -> str:
    """Return the address of the page of a dataset."""
    return f"{config.site_base()}/dataset/{dataset.get('name', '')}"


def fill(template: str, places: Mapping[str, str]) -> str:
    """Fill a template; an empty placeholder is removed with the punctuation after it.

    Raises:
        TemplateError: the template has an unknown placeholder, or its braces do not match.
    """
    return _filled(template, tuple(places.get(place, "") for place in PLACEHOLDERS))


@lru_cache(maxsize=1024)
def _filled(template: str, values_in_order: tuple[str, ...]) -> str:
    places: dict[str, str] = dict(zip(PLACEHOLDERS, values_in_order, strict=True))
    parts = parse(template)
    words = [text for text, _ in parts]
    filled = [places[place] if place else "" for _, place in parts]
    for position, (_, place) in enumerate(parts):
        if place and not filled[position]:
            words[position] = _OPENING.sub("", words[position])
            if position + 1 < len(words):
                words[position + 1] = _CLOSING.sub("", words[position + 1])
    pairs = zip(words, filled, strict=True)
    return values.one_line("".join(text + value for text, value in pairs)).rstrip(_TRAILING)


@lru_cache(maxsize=16)
def parse(template: str) -> tuple[tuple[str, str], ...]:
    """Return a template as pairs of a text and the placeholder after it, empty at the end.

    Only plain placeholders are valid: a format specification such as `{title:>9999999}` would
    exhaust the memory, and `{title.__class__}` would expose internals.

    Raises:
        TemplateError: it has an unknown placeholder, or its braces do not match.
    """
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError as error:
        raise TemplateError from error
    for _, place, detail, conversion in fields:
        if place is not None and (place not in PLACEHOLDERS or detail or conversion):
            raise TemplateError(place or "{}")
    # The text after the last placeholder has its own pair, so its punctuation can be removed.
    return tuple((text, place or "") for text, place, _, _ in fields)


def _by_template(places: Mapping[str, str]) -> str:
    try:
        return fill(config.attribution_template(), places)
    except TemplateError as error:
        # A mistake in the configuration file must not break the dataset pages.
        log.warning("%s; the default is used", error)
        return fill(config.declared_default(config.ATTRIBUTION_TEMPLATE), places)


def _agency_title(dataset: dataset_reader.Dataset, titles: Agencies) -> str:
    key = (dataset.get("owner_org"), dataset_reader.text(dataset, "responsible_agency"))
    if key not in titles:
        agency: directory.AgencyInfo | None = dataset_reader.responsible(
            dataset
        ) or dataset_reader.provider(dataset)
        titles[key] = agency.title if agency else ""
    return titles[key]


UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]+")
LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True)
class Citation:
    """A reference to a dataset; every text is one line without control characters.

    Attributes:
        key: name of the dataset, which is ASCII.
        title: its title.
        author: responsible agency, empty if unknown.
        publisher: name of the portal.
        identifier: its identifier, or empty.
        version: its version, or empty.
        url: address of its page.
        updated: year, month and day of the last update, as far as they are known.
        accessed: day on which the reference is made.
        language: code of its language, or empty.
        licence: title of its licence, or empty.
        statement: the attribution statement.
    """

    key: str
    title: str
    author: str
    publisher: str
    identifier: str
    version: str
    url: str
    updated: tuple[int, ...]
    accessed: dt.date
    language: str
    licence: str
    statement: str


def reference(dataset: dataset_reader.Dataset, accessed: dt.date) -> Citation:
    """Return the citation of a dataset, in the language of the request.

    Args:
        dataset: the dataset as `package_show` returns it.
        accessed: day on which the reference is made.
    """
    facts = {name: one_line(text) for name, text in placeholder_values(dataset).items()}
    languages = [
        code for code in dataset_reader.codes(dataset, "language") if LANGUAGE.fullmatch(code)
    ]
    return Citation(
        key=_key(dataset),
        title=facts["title"],
        author=facts["agency"],
        publisher=one_line(tk.config["ckan.site_title"]),
        identifier=facts["identifier"],
        version=one_line(dataset_reader.text(dataset, "version")),
        url=facts["url"],
        updated=_date_parts(dataset_reader.updated(dataset)),
        accessed=accessed,
        language=languages[0] if languages else "",
        licence=facts["license"],
        statement=one_line(statement(dataset)),
    )


def one_line(text: str) -> str:
    """Return a text as one line: a line break would start a new field in some formats."""
    return values.one_line(UNPRINTABLE.sub(" ", text))


def _key(dataset: Mapping[str, Any]) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "", str(dataset.get("name", ""))) or "dataset"


def _date_parts(day: str) -> tuple[int, ...]:
    return tuple(int(part) for part in day.split("-")) if day else ()


@dataclass(frozen=True)
class Format:
    """A citation format.

    Attributes:
        extension: extension of the file name and of the address.
        media_type: media type of the response.
        name: name for users.
        write: returns the content of the file.
    """

    extension: str
    media_type: str
    name: str
    write: Callable[[Citation], str]


def apa(citation: Citation) -> str:
    """Write a citation in APA style."""
    kind = tk._("[Data set]")
    version = tk._("(Version {version})").format(version=citation.version)
    number = tk._("(No. {identifier})").format(identifier=citation.identifier)
    title = [
        citation.title,
        number if citation.identifier else "",
        version if citation.version else "",
        kind,
    ]
    publisher = citation.publisher if citation.publisher != citation.author else ""
    sentences = [citation.author, _apa_date(citation), " ".join(filter(None, title)), publisher]
    text = " ".join(part.rstrip(".") + "." for part in sentences if part)
    return f"{text} {citation.url}\n"


def _apa_date(citation: Citation) -> str:
    if not citation.updated:
        return tk._("(n.d.)")
    return f"({'-'.join(f'{part:02}' for part in citation.updated)})"


BIBTEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    # `\{` would count as an opening brace, and an unmatched brace swallows the rest of the file.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_BIBTEX_SPECIAL = re.compile("|".join(map(re.escape, BIBTEX_ESCAPES)))


def bibtex(citation: Citation) -> str:
    """Write an entry for BibTeX and biblatex, in UTF-8.

    The author is in additional braces: an agency is not a person with a family name. Every style
    has `@misc`, but not `@dataset`.
    """
    year, month, day = (*citation.updated, 0, 0, 0)[:3]
    fields = {
        "author": f"{{{_latex(citation.author)}}}" if citation.author else "",
        "title": f"{{{_latex(citation.title)}}}",
        "year": str(year or ""),
        "month": str(month or ""),
        "day": str(day or ""),
        "publisher": _latex(citation.publisher),
        "number": _latex(citation.identifier),
        "version": _latex(citation.version),
        "type": "dataset",
        "url": citation.url,
        "urldate": citation.accessed.isoformat(),
        "language": citation.language,
        "note": _latex(citation.licence),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{citation.key},\n" + ",\n".join(lines) + "\n}\n"


def _latex(text: str) -> str:
    return _BIBTEX_SPECIAL.sub(lambda match: BIBTEX_ESCAPES[match[0]], text)


def ris(citation: Citation) -> str:
    """Write a RIS record: lines of tag, two blanks, dash, blank and value, ended by CR LF."""
    year, month, day = (*citation.updated, 0, 0, 0)[:3]
    date = "/".join(f"{part:02}" if part else "" for part in (year, month, day))
    fields = [
        ("TY", "DATA"),
        ("AU", citation.author),
        ("TI", citation.title),
        ("PY", str(year or "")),
        ("DA", f"{date}/" if year else ""),
        ("PB", citation.publisher),
        ("AN", citation.identifier),
        ("ET", citation.version),
        ("UR", citation.url),
        ("Y2", citation.accessed.strftime("%Y/%m/%d/")),
        ("LA", citation.language),
        ("N1", citation.licence),
    ]
    lines = [f"{tag}  - {value}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def csl_json(citation: Citation) -> str:
    """Write a list of one CSL item."""
    item = {
        "id": citation.key,
        "type": "dataset",
        "title": citation.title,
        "author": [{"literal": citation.author}] if citation.author else [],
        "issued": {"date-parts": [list(citation.updated)]} if citation.updated else {},
        "accessed": {"date-parts": [[int(n) for n in citation.accessed.isoformat().split("-")]]},
        "publisher": citation.publisher,
        "number": citation.identifier,
        "version": citation.version,
        "URL": citation.url,
        "language": citation.language,
        "note": citation.licence,
    }
    nonempty = {name: value for name, value in item.items() if value}
    return json.dumps([nonempty], ensure_ascii=False, indent=2) + "\n"


FORMATS = {
    entry.extension: entry
    for entry in (
        Format("txt", "text/plain", "APA", apa),
        Format("bib", "application/x-bibtex", "BibTeX", bibtex),
        Format("ris", "application/x-research-info-systems", "RIS", ris),
        Format("json", "application/vnd.citationstyles.csl+json", "CSL-JSON", csl_json),
    )
}
"""The formats by extension, in the order of the page."""
