"""What a reference to a dataset says, before it is written in one of the formats."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import values
from ckanext.nd47.metadata import attribution, dataset_reader

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]+")
LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True)
class Citation:
    """A reference to a dataset; every text is one line without control characters.

    Attributes:
        key: name of the dataset, which is ASCII.
        title: its title.
        author: agency that answers for it, empty where none is known.
        publisher: name of the portal.
        identifier: its identifier, empty where it has none.
        version: its version, likewise.
        url: address of its page.
        updated: year, month and day of the last update, as far as they are known.
        accessed: day on which the reference is made.
        language: code of its language, likewise.
        licence: title of its licence, likewise.
        statement: the sentence by which it is to be cited.
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


def of(dataset: dataset_reader.Dataset, accessed: dt.date) -> Citation:
    """Return the reference to a dataset, in the language of the request.

    Args:
        dataset: the dataset as `package_show` gives it.
        accessed: day on which the reference is made.
    """
    facts = {name: line(text) for name, text in attribution.facts(dataset).items()}
    languages = [
        code for code in dataset_reader.codes(dataset, "language") if LANGUAGE.fullmatch(code)
    ]
    return Citation(
        key=_key(dataset),
        title=facts["title"],
        author=facts["agency"],
        publisher=line(tk.config["ckan.site_title"]),
        identifier=facts["identifier"],
        version=line(dataset_reader.text(dataset, "version")),
        url=facts["url"],
        updated=_parts(dataset_reader.updated(dataset)),
        accessed=accessed,
        language=languages[0] if languages else "",
        licence=facts["license"],
        statement=line(attribution.sentence(dataset)),
    )


def line(text: str) -> str:
    """Return a text as one line: a break in a title would start a new field in some formats."""
    return values.one_line(UNPRINTABLE.sub(" ", text))


def _key(dataset: Mapping[str, Any]) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "", str(dataset.get("name", ""))) or "dataset"


def _parts(day: str) -> tuple[int, ...]:
    return tuple(int(part) for part in day.split("-")) if day else ()
