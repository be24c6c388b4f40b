"""The process that fetches one linked file, from the public network alone.

Usage: python -m ckanext.nd47.tables.check.fetch TARGET < address as JSON > what went wrong as JSON
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests
from urllib3.util import connection

from ckanext.nd47.lib.web.public_network import ForbiddenAddressError, guarded
from ckanext.nd47.tables.check import limits
from ckanext.nd47.tables.check.report import FileError

_CHUNK = 2**16
_TIMEOUTS = (10, 20)
_REFUSED = 400
_AGENT = "ckanext-nd47 file check"


def main() -> None:
    """Fetch the file."""
    content = json.load(sys.stdin)
    allowed = {(host, port) for host, port in content["allowed"]}
    connection.create_connection = guarded(connection.create_connection, allowed)
    try:
        fetch(content["url"], Path(sys.argv[1]))
    except FileError as error:
        json.dump({"code": error.code, **error.facts}, sys.stdout)


def fetch(url: str, target: Path) -> None:
    """Write a linked file.

    Raises:
        FileError: it could not be fetched.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise FileError("unreachable")
    deadline = time.monotonic() + limits.FETCH_SECONDS
    with requests.Session() as session:
        # A proxy of the environment would connect in place of the guarded process.
        session.trust_env = False
        session.headers["User-Agent"] = _AGENT
        try:
            with session.get(url, stream=True, timeout=_TIMEOUTS) as response:
                if response.status_code >= _REFUSED:
                    raise FileError("refused", status=response.status_code)
                _write(response, target, deadline)
        except requests.RequestException as error:
            code = "not-public" if _is_forbidden(error) else "unreachable"
            raise FileError(code) from error


def _write(response: requests.Response, target: Path, deadline: float) -> None:
    size = 0
    with target.open("wb") as file:
        for chunk in response.iter_content(_CHUNK):
            size += len(chunk)
            if size > limits.LARGEST_LINKED:
                raise FileError("too-large", limit=f"{limits.LARGEST_LINKED // limits.MEGABYTE} MB")
            if time.monotonic() > deadline:
                raise FileError("unreachable")
            file.write(chunk)


def _is_forbidden(error: BaseException) -> bool:
    """Return whether the guard refused the address; requests wraps its error."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop()
        if isinstance(current, ForbiddenAddressError):
            return True
        if id(current) in seen:
            continue
        seen.add(id(current))
        reason = getattr(current, "reason", None)
        parts = (*current.args, current.__cause__, current.__context__, reason)
        waiting += [part for part in parts if isinstance(part, BaseException)]
    return False


if __name__ == "__main__":
    main()
