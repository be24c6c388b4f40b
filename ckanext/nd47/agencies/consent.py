"""Which agencies may be named in the records of another.

To stand above an agency, to succeed it or to answer for its data is a matter of both. An agency
above one's own may always be named; any other by who acts for it as well, that is by an account
with a role in both, or by a system administrator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.agencies import directory, public
from ckanext.nd47.agencies.model import Agency


def given(context: Context, named: str, owner: str | None, level: public.Level) -> bool:
    """Say whether an account may name an agency.

    Args:
        context: of the action.
        named: id of the agency.
        owner: id or name of the agency whose record names it.
        level: what the account has to be in the agency that is named.
    """
    above = directory.directory().climb(owner) if owner else []
    if any(one.id == named for one in above):
        return True
    return public.at_least(context, named, level)


def check(context: Context, entry: Agency, values: Mapping[str, Any]) -> None:
    """Make sure that an account may name the agencies in a change of an entry.

    Args:
        context: of the action.
        entry: the entry, not changed yet.
        values: the new values by column of the register.

    Raises:
        ckan.plugins.toolkit.ValidationError: it may not; by parameter of the action.
    """
    problems: dict[str, Any] = {
        parameter: [refusal(str(values[column]))]
        for parameter, column in (("parent", "parent_id"), ("successor", "successor_id"))
        if values.get(column)
        and values[column] not in (getattr(entry, column), entry.id)
        and not given(context, str(values[column]), entry.id, "admin")
    }
    if problems:
        raise tk.ValidationError(problems)


def refusal(agency_id: str) -> str:
    """Return why an agency cannot be named, with the way out."""
    known = directory.directory().get(agency_id)
    return tk._(
        "“{agency}” has to agree. Ask somebody who administers both agencies, or an administrator "
        "of the portal, to enter it."
    ).format(agency=known.title if known else agency_id)
