"""Words for the codes of the work list, in the language of the request."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies.access import account_roles
from ckanext.nd47.desk.work_list import listing
from ckanext.nd47.desk.work_list.kinds import used
from ckanext.nd47.desk.work_list.kinds.kind import Weight
from ckanext.nd47.rules.model import Level


def kinds(*, unpublished: bool = True) -> dict[str, str]:
    """Return the titles of the kinds of work, in their order.

    Args:
        unpublished: whether kinds about what is not published yet are among them.
    """
    return {
        code: kind.title() for code, kind in used().items() if unpublished or not kind.unpublished
    }


def weights() -> dict[int, str]:
    """Return how urgent a thing is, in words."""
    return {
        Weight.NOW: tk._("urgent"),
        Weight.SOON: tk._("soon"),
        Weight.LATER: tk._("when possible"),
    }


def sorts() -> dict[str, str]:
    """Return the orders of the list."""
    return {
        listing.WEIGHT: tk._("Most urgent first"),
        listing.DAY: tk._("Oldest day first"),
        listing.POINTS: tk._("Most points first"),
        listing.TITLE: tk._("By dataset"),
        listing.AGENCY: tk._("By agency"),
    }


def levels() -> dict[str, str]:
    """Return what the levels of a rule do."""
    return {
        Level.ERROR.value: tk._("refuses publication"),
        Level.WARNING.value: tk._("warns"),
        Level.ADVICE.value: tk._("advises"),
        Level.OFF.value: tk._("is off"),
    }


def roles() -> dict[str, str]:
    """Return the roles that accounts have in agencies."""
    return {
        account_roles.LEADER: tk._("Leader"),
        account_roles.APPROVER: tk._("Approver"),
        account_roles.STEWARD: tk._("Data steward"),
        account_roles.COMPILING: tk._("Compiling agency"),
    }
