"""Questions to the database of an older CKAN before it is upgraded to 2.12 (docs/upgrade.md)."""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """Something that stops the upgrade, or is lost by it.

    Attributes:
        name: names it.
        query: SQL that returns a number; 0 is good.
    """

    name: str
    query: str


QUESTIONS = (
    Question(
        "extras without a value",
        "SELECT (SELECT count(*) FROM package_extra WHERE state = 'active' AND value IS NULL)"
        " + (SELECT count(*) FROM group_extra WHERE state = 'active' AND value IS NULL);",
    ),
    Question(
        "duplicate extras",
        "SELECT count(*) FROM (SELECT package_id, key FROM package_extra WHERE state = 'active'"
        " GROUP BY package_id, key HAVING count(*) > 1) AS twice;",
    ),
    Question(
        "addresses of users that differ only in capital letters",
        "SELECT count(*) FROM (SELECT lower(email) FROM \"user\" WHERE state = 'active'"
        " AND email IS NOT NULL GROUP BY lower(email) HAVING count(*) > 1) AS twice;",
    ),
    Question("revisions of CKAN 2.8 and older", "SELECT count(*) FROM revision;"),
)
