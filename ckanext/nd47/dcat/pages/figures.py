"""The export in numbers: what it holds, and what was left out by reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.dcat.store import left_out, maintenance, public

_PACKAGES = sa.text(f"""
    SELECT count(*) FILTER (WHERE {public.CONDITION}) AS public,
        count(*) FILTER (WHERE p.state = 'active' AND p.private) AS private,
        count(*) FILTER (WHERE p.state LIKE 'draft%') AS draft,
        count(*) FILTER (WHERE p.state = 'deleted') AS deleted,
        count(*) FILTER (WHERE p.state = 'active' AND p.private IS FALSE
            AND NOT p.type = ANY(:types)) AS other
    FROM package p
""")  # noqa: S608 - constants
_INSIDE = sa.text(f"""
    SELECT count(*) AS datasets, count(DISTINCT p.owner_org) AS agencies,
        coalesce(sum((SELECT count(*) FROM resource r
            WHERE r.package_id = p.id AND r.state = 'active')), 0) AS files
    FROM {public.LISTED}
""")  # noqa: S608 - as above
_VALUES = sa.text(f"""
    SELECT problem ->> 'reason' AS reason, count(*) AS amount, count(DISTINCT e.id) AS datasets
    FROM nd47_dcat_entry e JOIN package p ON p.id = e.id
        CROSS JOIN LATERAL jsonb_array_elements(
            CASE jsonb_typeof(e.problems) WHEN 'array' THEN e.problems ELSE '[]' END
        ) AS problem
    WHERE {public.CONDITION} AND problem ->> 'reason' IS NOT NULL
    GROUP BY 1 ORDER BY 3 DESC, 1
""")  # noqa: S608 - as above


class Reason(NamedTuple):
    """Values that are left out for one reason, as it is stored."""

    reason: str
    amount: int
    datasets: int


@dataclass(frozen=True)
class Figures:
    """The export in numbers.

    Attributes:
        datasets: datasets in the export.
        files: their files.
        agencies: their agencies.
        withdrawn: datasets whose removal the feed of changes announces.
        changed: moment of the last change, None if there was none.
        complete: whether every public dataset was written.
        pending: datasets that are to be written again.
        unwritten: public datasets that are not in the export.
        private: datasets that are left out because only their agency sees them.
        drafts: those that are left out because they are not published.
        deleted: those that were deleted.
        other_types: those of a type that is not exported.
        reasons: values that are left out.
        fields: fields that no property stands for.
    """

    datasets: int
    files: int
    agencies: int
    withdrawn: int
    changed: dt.datetime | None
    complete: bool
    pending: int
    unwritten: int
    private: int
    drafts: int
    deleted: int
    other_types: int
    reasons: list[Reason]
    fields: list[left_out.LeftOut]


def read() -> Figures:
    """Return the numbers of today, with a constant number of statements."""
    stats = maintenance.stats()
    packages = model.Session.execute(_PACKAGES, public.values()).one()
    inside = model.Session.execute(_INSIDE, public.values()).one()
    reasons = [Reason(*row) for row in model.Session.execute(_VALUES, public.values())]
    return Figures(
        datasets=inside.datasets,
        files=int(inside.files),
        agencies=inside.agencies,
        withdrawn=stats["withdrawn"],
        changed=dt.datetime.fromisoformat(stats["modified"]) if stats["modified"] else None,
        complete=stats["complete"],
        pending=stats["pending"],
        unwritten=max(packages.public - inside.datasets, 0),
        private=packages.private,
        drafts=packages.draft,
        deleted=packages.deleted,
        other_types=packages.other,
        reasons=reasons,
        fields=left_out.fields(),
    )
