"""File formats as people and other portals name them.

A name that several formats share, such as Excel, Word or TAB, stands for one of them only where the
ending of the file's address tells which; else it stays as it was written.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ckanext.nd47.lib import vocabulary

IANA = "www.iana.org/assignments/media-types/"
LIST = "file-format"

MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+\s*;", re.ASCII)
"""A media type with parameters; anything else with a semicolon is a list."""

BETWEEN = re.compile(r"[,;/+&|]|\s(?:và|hoặc|and|or)\s", re.IGNORECASE)
"""What stands between the names of several formats."""


def recognise(name: str, address: str = "") -> vocabulary.Term | None:
    """Return the format that a name stands for, None where it stands for none or for several.

    Args:
        name: name, file ending, media type (parameters are left aside), or IRI of a public table.
        address: of the file, whose ending decides between formats of one name.
    """
    known = vocabulary.get(LIST)
    written = name.strip()
    _, mark, media_type = written.partition(IANA)
    plain = media_type if mark else written
    if MEDIA_TYPE.match(plain):
        plain = plain.partition(";")[0]
    found = known.standing_for(written) or known.find(plain)
    if found or not is_shared(plain):
        return found
    ending = known.find(_ending(address)) if _ending(address) else None
    return ending if ending and ending in known.named(plain) else None


def several(name: str) -> list[str]:
    """Return the formats where the name of one is a list of them, such as `CSV, XLSX`."""
    if recognise(name) or is_shared(name):
        return []
    parts = [part for part in map(str.strip, BETWEEN.split(name)) if part]
    if len(parts) < 2 or not all(recognise(part) or is_shared(part) for part in parts):  # noqa: PLR2004
        return []
    return parts


def is_shared(name: str) -> bool:
    """Say whether several formats have a name."""
    return len(vocabulary.get(LIST).named(name)) > 1


def _ending(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    _, mark, ending = path.rpartition("/")[2].rpartition(".")
    return ending if mark else ""
