"""A background worker that fetches files for the DataStore from the public network alone.

ckanext-xloader fetches whatever address an editor has given a file. On a server that is the way
into it: to its search index, its other services, the rest of the private network. So this process
connects to public addresses, to Solr, which asks for a password, and to the portal itself, which
gives everybody what is public; to nothing else over HTTP, whichever name or redirect leads there.

Usage: python -m dev.worker INI ARGUMENTS, the arguments being those of `ckan`.
"""

from __future__ import annotations

import configparser
import ipaddress
import socket
import sys
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from urllib3.util import connection

from ckan.cli.cli import ckan

Place = tuple[str, int]
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ForbiddenAddressError(OSError):
    """The address is not a public one."""


def guarded(
    connect: Callable[..., socket.socket], allowed: Collection[Place]
) -> Callable[..., socket.socket]:
    """Return a way to connect that refuses addresses of private networks.

    Args:
        connect: what connects otherwise; it gets addresses that have been looked up already, so
            that a second look-up cannot give another one.
        allowed: places that may be reached all the same.
    """

    def create_connection(address: Place, *more: Any, **keywords: Any) -> socket.socket:
        host, port = address
        addresses = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        failure: OSError = ForbiddenAddressError(f"{host}:{port} is not a public address")
        for *_, place in addresses:
            if not is_public(str(place[0])) and (place[0], port) not in allowed:
                continue
            try:
                return connect((str(place[0]), port), *more, **keywords)
            except OSError as error:
                failure = error
        raise failure

    return create_connection


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public network."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None)
    return parsed.is_global and not parsed.is_multicast and (mapped is None or mapped.is_global)


def places(*addresses: str) -> set[Place]:
    """Return host and port of web addresses."""
    urls = [urlsplit(address) for address in addresses]
    return {(url.hostname or "", url.port or _DEFAULT_PORTS.get(url.scheme, 0)) for url in urls}


def main() -> None:
    """Run a command of CKAN in this process, connections guarded."""
    ini, *arguments = sys.argv[1:]
    parser = configparser.RawConfigParser(delimiters=("=",))
    parser.read(ini, encoding="utf-8")
    options = parser["app:main"]
    allowed = places(options["ckan.site_url"], options["solr_url"])
    connection.create_connection = guarded(connection.create_connection, allowed)
    ckan(["-c", ini, *arguments])


if __name__ == "__main__":
    main()
