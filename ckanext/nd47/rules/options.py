"""What is good in the options about rules; each function returns the form that is stored."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import values
from ckanext.nd47.rules import edition
from ckanext.nd47.rules.subject import day


def levels(text: str) -> str:
    """Accept levels of rules, one `rule: level` on a line.

    Raises:
        ckan.plugins.toolkit.Invalid: a line sets nothing; the message says why.
    """
    found, problems = edition.read_levels(text)
    if problems:
        raise tk.Invalid(" ".join(problems))
    return "\n".join(f"{rule}: {level.value}" for rule, level in found.items())


def first_day(text: str) -> str:
    """Accept a day, or nothing.

    Raises:
        ckan.plugins.toolkit.Invalid: it is no day.
    """
    try:
        whole = not text or len(values.date(text)) == len("YYYY-MM-DD")
    except ValueError:
        whole = False
    if not whole:
        raise tk.Invalid(
            tk._("“{value}” is not a day. Write it as in 31/12/2026 or 2026-12-31.").format(
                value=text[:80]
            )
        )
    found = day(text)
    return found.isoformat() if found else ""
