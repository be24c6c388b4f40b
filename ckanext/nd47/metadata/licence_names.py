"""By which names a licence is known: its address, SPDX id, title or another usual name.

A name stands for a licence only where it names the same version; CC BY 3.0 is not CC BY 4.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from ckan import model

from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.metadata import terms_of_use

NAME_LENGTH = 500
"""Of a name or an address of a licence."""

REPLACED = "http://www.opendefinition.org/licenses/"
"""Pages that CKAN's own list has in place of the address of a licence; they name no version."""

_SCHEME = re.compile(r"^https?://(?:www\.)?")
_PAGE = re.compile(r"/(?:deed|legalcode)(?:\.[a-z_-]{2,10})?$")
_STATE = "/license/"


@dataclass(frozen=True)
class PublicLicence:
    """A licence that many portals know.

    Attributes:
        url: its own address, with its version.
        keys: its names and addresses, in the form that they are compared in.
    """

    url: str
    keys: frozenset[str]


def own_address(license_id: str, address: str) -> str:
    """Return the address of its own that a licence has, that of CKAN's list where it is one."""
    known = _public().get(license_id)
    return known.url if known and address.startswith(REPLACED) else address


def recognise(name: str) -> str | None:
    """Return the id of the portal's licence that a name or address stands for, if there is one."""
    register = model.Package.get_license_register()
    name = " ".join(name.split())
    if name in register or not name or len(name) > NAME_LENGTH:
        return name if name in register else None
    # The address of a licence of the law is that of the portal that exports it.
    _, mark, end = name.rpartition(_STATE)
    if mark and end in register and terms_of_use.find(end):
        return end
    wanted = _key(name)
    found = [one for one, keys in _keys_of_register() if wanted in keys]
    if found:
        return found[0] if len(found) == 1 else None
    group = next((one.keys for one in _public().values() if wanted in one.keys), frozenset())
    found = [one for one, keys in _keys_of_register() if group & keys]
    return found[0] if len(found) == 1 else None


def _keys_of_register() -> Iterator[tuple[str, frozenset[str]]]:
    for license_id, known in model.Package.get_license_register().items():
        own = terms_of_use.find(license_id)
        titles = own.title.values() if own else [getattr(known, "title", "")]
        named = (license_id, getattr(known, "url", ""), *titles)
        yield license_id, frozenset(_key(one) for one in named if one)


@cache
def _public() -> Mapping[str, PublicLicence]:
    listed = read_yaml(data_path("schemas", "licences.yaml"))
    return MappingProxyType(
        {license_id: _read(license_id, of) for license_id, of in listed.items()}
    )


def _read(license_id: str, entry: Mapping[str, list[str] | str]) -> PublicLicence:
    url = str(entry["url"])
    named = (license_id, url, *entry["names"], *entry["addresses"])
    return PublicLicence(url, frozenset(map(_key, named)))


def _key(name: str) -> str:
    """Return a name in the form in which names are compared."""
    address, is_address = _SCHEME.subn("", name.strip().casefold())
    return _PAGE.sub("", address.rstrip("/")).rstrip("/") if is_address else address
