"""Reads and validates the query parameters of the catalogue."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from dateutil.parser import isoparse

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.lib.inputs import storable

MAX_DIGITS = 15
MAX_LENGTH = 2000
"""Maximum length of `q` or `fq`; CKAN's own forms need far less."""

_SPACE_FOR_PLUS = re.compile(r" (?=[0-9]{2}:?[0-9]{2}$)")
_PROFILES = "ckanext.dcat.rdf.profiles"


class BadQueryError(Exception):
    """A parameter is invalid; the message says which and why."""


@dataclass(frozen=True)
class Query:
    """Selects a part of the catalogue.

    Attributes:
        page: number of the page, from 1.
        after: place or id after which the page starts, empty to use `page`.
        modified_since: only datasets changed at or after this time.
        q: words to search for.
        fq: filter of the search index.
    """

    page: int = 1
    after: str = ""
    modified_since: dt.datetime | None = None
    q: str = ""
    fq: str = ""

    @property
    def searches(self) -> bool:
        """Whether the search index is needed."""
        return bool(self.q or self.fq)

    @property
    def plain(self) -> bool:
        """Whether it is a page of the complete catalogue."""
        return not self.searches and self.modified_since is None

    def parameters(self, **place: object) -> str:
        """Return the query string of this selection at another place, encoded."""
        parameters = {
            "modified_since": self.modified_since.isoformat() if self.modified_since else "",
            "q": self.q,
            "fq": self.fq,
            **place,
        }
        return urlencode(
            {name: value for name, value in parameters.items() if value not in ("", None)}
        )


def read(arguments: Mapping[str, str]) -> Query:
    """Read the parameters of a request.

    Raises:
        BadQueryError: a parameter is invalid.
    """
    check_profiles(arguments)
    since = arguments.get("modified_since", "").strip()
    return Query(
        page=number("page", arguments.get("page", ""), least=1),
        after=_after(arguments.get("after", "").strip()),
        modified_since=moment("modified_since", since) if since else None,
        q=_words("q", arguments.get("q", "")),
        fq=_words("fq", arguments.get("fq", "")),
    )


def number(name: str, value: str, least: int) -> int:
    """Read an optional integer.

    Raises:
        BadQueryError: it is not an integer, or below the minimum.
    """
    text = value.strip()
    if not text:
        return least
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS and int(text) >= least):
        msg = tk._("{name} must be a whole number from {least} on").format(name=name, least=least)
        raise BadQueryError(msg)
    return int(text)


def moment(name: str, value: str) -> dt.datetime:
    """Read a date or time in ISO 8601; without an offset it is UTC, as in CKAN's tables.

    Raises:
        BadQueryError: it is not a date or time.
    """
    try:
        # An unencoded plus sign arrives as a space.
        parsed = isoparse(_SPACE_FOR_PLUS.sub("+", value))
        if parsed.tzinfo is None:
            return parsed.replace(tzinfo=dt.timezone.utc)
        return parsed.astimezone(dt.timezone.utc)
    except (ValueError, OverflowError) as error:
        msg = tk._(
            "{name} must be a day or a moment in ISO 8601, such as 2026-09-01T00:00:00+07:00"
        ).format(name=name)
        raise BadQueryError(msg) from error


def _after(value: str) -> str:
    if value and not re.fullmatch(r"[0-9A-Za-z_-]{1,100}", value):
        msg = tk._("after must be taken from a link to the next page")
        raise BadQueryError(msg)
    return value


def _words(name: str, value: str) -> str:
    if len(value) > MAX_LENGTH or not storable(value):
        msg = tk._("{name} is longer than {limit} characters, or no text").format(
            name=name, limit=MAX_LENGTH
        )
        raise BadQueryError(msg)
    return value.strip()


def check_profiles(arguments: Mapping[str, str]) -> None:
    """Refuse profiles other than the portal's: they would be serialised for each request.

    Raises:
        BadQueryError: another profile is requested.
    """
    names = [name for name in re.split(r"[\s,]+", arguments.get("profiles", "")) if name]
    configured = tk.config.get(_PROFILES) or ""
    own = configured if isinstance(configured, list) else configured.split()
    if names and names != own:
        msg = tk._("profiles: this portal exports with {names} alone").format(names=" ".join(own))
        raise BadQueryError(msg)


def page_size() -> int:
    """Return the number of datasets on a page."""
    return config.dcat_page_size()
