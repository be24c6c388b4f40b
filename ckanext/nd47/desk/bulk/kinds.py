"""What a kind of run does differently; each part of the desk registers its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = dict[str, Any]
"""Input of `package_create` or `package_patch`, without the id; keywords as `tags`."""


@dataclass(frozen=True)
class Kind:
    """A kind of run.

    Attributes:
        code: its name in the table.
        title: returns its name in the language of the request.
        values: returns the new values of a dataset, for items that were planned without; gets the
            request of the run and the dataset as `package_show` returns it.
        complete: returns the values with what no table can hold, such as an opened file in
            `upload` of a resource; called immediately before a dataset is saved, but not when it is
            only checked. Gets the id of the run, the note of the item and its values, and may
            refuse the dataset with a ValidationError.
        restore: as `complete`, for the former values, immediately before a change is undone.
        ended: called when no file of a run will be needed any more, with the id of the run; perhaps
            more than once.
    """

    code: str
    title: Callable[[], str]
    values: Callable[[Mapping[str, Any], Mapping[str, Any]], Values] | None = None
    complete: Callable[[str, Mapping[str, Any], Values], Values] | None = None
    restore: Callable[[str, Mapping[str, Any], Values], Values] | None = None
    ended: Callable[[str], None] | None = None


KINDS: dict[str, Kind] = {}
"""The kinds by code."""


def register(kind: Kind) -> None:
    """Make a kind known; the module that does it has to be imported by the plugin."""
    KINDS[kind.code] = kind
