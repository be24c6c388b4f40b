"""File formats as people and other portals name them.

A name that several formats share, such as Excel, Word or TAB, stands for one of them only where the
ending of the file's address tells which; else it stays as it was written.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ckanext.nd47.lib import vocabulary

IANA = "www.iana.org/assignments/media-types/"
LIST = "file-format"


def recognise(name: str, address: str = "") -> vocabulary.Term | None:
    """Return the format that a name stands for, None where it stands for none or for several.

    Args:
        name: name, file ending, media type (parameters are left aside), or IRI of a public table.
        address: of the file, whose ending decides between formats of one name.
    """
    known = vocabulary.get(LIST)
    written = name.strip()
    _, mark, media_type = written.partition(IANA)
    plain = (media_type if mark else written).partition(";")[0]
    found = known.standing_for(written) or known.find(plain)
    if found or not is_shared(plain):
        return found
    ending = known.find(_ending(address)) if _ending(address) else None
    return ending if ending and ending in known.named(plain) else None


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
