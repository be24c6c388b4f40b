"""The beginning of a text file, in whatever encoding the check has found."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ckan import model

from ckanext.nd47.lib.files import encoding
from ckanext.nd47.lib.language import text as words
from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.check_jobs import files
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.check_jobs.model import FileCheck

MOST_BYTES = 100_000
"""Bytes of a file that are shown."""

_CODECS = {encoding.UTF_16: "utf-16", encoding.UTF_8: "utf-8-sig", "UTF-8-BOM": "utf-8-sig"}


@dataclass(frozen=True)
class Excerpt:
    """The beginning of a text.

    Attributes:
        text: the text.
        is_whole: whether it is all of the file.
    """

    text: str
    is_whole: bool


def of_file(resource: model.Resource, *, is_json: bool) -> Excerpt:
    """Return the beginning of an uploaded text file.

    Args:
        resource: the resource.
        is_json: whether it is laid out as JSON, if it is all there.

    Raises:
        FileError: it is missing, or no text.
    """
    with files.local(resource) as file, file.path.open("rb") as stream:
        start = stream.read(MOST_BYTES + 1)
    is_whole = len(start) <= MOST_BYTES
    shown = _decoded(start[:MOST_BYTES], _encoding_of(resource.id))
    if "\x00" in shown:
        raise FileError("unknown-format")
    if is_json and is_whole:
        shown = _laid_out(shown)
    return Excerpt(shown, is_whole)


def _encoding_of(resource_id: str) -> str:
    """Return the encoding that the check has found, empty if it has not looked yet."""
    check = model.Session.get(FileCheck, resource_id) if tables.ready() else None
    return str(check.understood.get("encoding") or "") if check else ""


def _decoded(start: bytes, name: str) -> str:
    codec = _CODECS.get(name)
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        codec = "utf-16"
    if codec or not name:
        return start.decode(codec or "utf-8-sig", "replace")
    try:
        return words.nfc(encoding.decode_as(start, name.partition(" + ")[0]))
    except (LookupError, ValueError):
        return start.decode("utf-8", "replace")


def _laid_out(shown: str) -> str:
    """Return JSON with one value on a line, or as it is if it is none."""
    try:
        laid_out = json.dumps(json.loads(shown), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return shown
    return laid_out if len(laid_out) <= 4 * MOST_BYTES else shown
