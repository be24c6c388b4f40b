"""What a map would do: by dataset, field and rule, and what each agency's score becomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import vocabulary
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.migrate import plan, sources
from ckanext.nd47.migrate.mapping import Map
from ckanext.nd47.migrate.targets import known
from ckanext.nd47.rules import report


class FieldChange(TypedDict):
    """A field before and after."""

    field: str
    before: str
    after: str


class Unread(TypedDict):
    """A text that is left where it is, and why."""

    field: str
    source: str
    text: str
    reason: str


class Rehearsed(TypedDict):
    """What becomes of one dataset."""

    id: str
    name: str
    title: str
    organization: str
    left_alone: bool
    changes: list[FieldChange]
    unread: list[Unread]
    unmet_before: list[str]
    unmet_after: list[str]
    refused_before: bool
    refused_after: bool
    points_before: int
    points_after: int
    points_possible: int


@dataclass
class Summary:
    """What becomes of the datasets of one agency, or of all.

    Attributes:
        title: of the agency.
        datasets: how many.
        changed: how many get a value.
        unread: texts that are left where they are.
        refused: how many may not be published, before and after.
        scores: sum of the scores of 100, before and after.
        unmet: datasets that do not meet a rule, before and after, by rule.
    """

    title: str = ""
    datasets: int = 0
    changed: int = 0
    unread: int = 0
    refused: tuple[int, int] = (0, 0)
    scores: tuple[float, float] = (0.0, 0.0)
    unmet: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))

    def add(self, one: Rehearsed) -> None:
        """Count a dataset."""
        possible = one["points_possible"] or 1
        self.datasets += 1
        self.changed += bool(one["changes"])
        self.unread += len(one["unread"])
        self.refused = (
            self.refused[0] + one["refused_before"],
            self.refused[1] + one["refused_after"],
        )
        self.scores = (
            self.scores[0] + 100 * one["points_before"] / possible,
            self.scores[1] + 100 * one["points_after"] / possible,
        )
        self.unmet[0].update(one["unmet_before"])
        self.unmet[1].update(one["unmet_after"])

    def as_dict(self) -> dict[str, Any]:
        """Return it as programs read it."""
        count = self.datasets or 1
        before, after = self.unmet
        return {
            "title": self.title,
            "datasets": self.datasets,
            "changed": self.changed,
            "unread": self.unread,
            "refused": {"before": self.refused[0], "after": self.refused[1]},
            "score": {
                "before": round(self.scores[0] / count, 1),
                "after": round(self.scores[1] / count, 1),
            },
            "unmet": {
                rule: {"before": before[rule], "after": after[rule]}
                for rule in sorted(before | after)
            },
        }


def rehearse(
    mapped: Map, corrections: plan.Corrections, owner_org: str = ""
) -> Iterator[Rehearsed]:
    """Say of each dataset what a map would do; nothing is changed.

    Args:
        mapped: the map.
        corrections: what agencies wrote.
        owner_org: id of an organisation, for its datasets only.
    """
    after = ""
    while ids := sources.ids_after(after):
        after = ids[-1]
        with directory.preloaded(), vocabulary.preloaded():
            found = [
                one
                for one in sources.load(ids)
                if not owner_org or one.record.get("owner_org") == owner_org
            ]
            outcomes = [(one, plan.outcome(one, mapped, corrections)) for one in found]
            dataset_reader.prime(one.record for one in found)
            yield from [_rehearsed(old, outcome) for old, outcome in outcomes]


def _rehearsed(old: sources.Old, outcome: plan.Outcome) -> Rehearsed:
    record = old.record
    changed = plan.changed(record, outcome.changes) if outcome.changes else record
    before = report.as_dict(record, report.examine(record), "en", only_unmet=True)
    after = (
        report.as_dict(changed, report.examine(changed), "en", only_unmet=True)
        if outcome.changes
        else before
    )
    return Rehearsed(
        id=old.id,
        name=record["name"],
        title=record.get("title") or record["name"],
        organization=record.get("owner_org") or "",
        left_alone=outcome.left_alone,
        changes=_changes(record, changed) if outcome.changes else [],
        unread=[
            Unread(field=one.path, source=one.source, text=one.text, reason=one.reason)
            for one in outcome.problems
        ],
        unmet_before=[one["rule"] for one in before["results"]],
        unmet_after=[one["rule"] for one in after["results"]],
        refused_before=not before["publishable"],
        refused_after=not after["publishable"],
        points_before=before["points"],
        points_after=after["points"],
        # A dataset that is classed as open is held against more rules than before.
        points_possible=max(after["points_possible"], before["points_possible"]),
    )


def _changes(record: dict[str, Any], changed: dict[str, Any]) -> list[FieldChange]:
    found = (
        (path, plan.shown(record, target), plan.shown(changed, target))
        for path, target in known().items()
        if target.kind != "group"
    )
    return [
        FieldChange(field=path, before=was, after=now) for path, was, now in found if was != now
    ]


def summaries(rehearsed: Iterator[Rehearsed]) -> tuple[Summary, dict[str, Summary]]:
    """Return what becomes of all datasets, and of those of each agency by its id."""
    whole, agencies = Summary(), {}
    for one in rehearsed:
        whole.add(one)
        agencies.setdefault(one["organization"], Summary()).add(one)
    for agency_id, title in titles(agencies).items():
        agencies[agency_id].title = title
    return whole, agencies


def titles(organisations: Any) -> dict[str, str]:
    """Return the titles of organisations by id."""
    query = sa.select(model.Group.id, model.Group.title, model.Group.name)
    rows = model.Session.execute(query.where(model.Group.id.in_(list(organisations))))
    return {row.id: row.title or row.name for row in rows}
