"""Reports: what a map would change, by dataset and agency, and which rules are not met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.migrate import datasets, plan, targets
from ckanext.nd47.migrate.mapping import Map
from ckanext.nd47.rules import report as rule_report


class FieldChange(TypedDict):
    """A field before and after."""

    field: str
    before: str
    after: str


class Unread(TypedDict):
    """A text that could not be read, and why."""

    field: str
    source: str
    text: str
    reason: str


class RehearsedDataset(TypedDict):
    """What a map would change in one dataset."""

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
    """What a map would change in the datasets of one agency, or in all.

    Attributes:
        title: of the agency.
        datasets: how many.
        changed: how many change.
        unread: texts that could not be read.
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

    def add(self, dataset: RehearsedDataset) -> None:
        """Count a dataset."""
        possible = dataset["points_possible"] or 1
        self.datasets += 1
        self.changed += bool(dataset["changes"])
        self.unread += len(dataset["unread"])
        self.refused = (
            self.refused[0] + dataset["refused_before"],
            self.refused[1] + dataset["refused_after"],
        )
        self.scores = (
            self.scores[0] + 100 * dataset["points_before"] / possible,
            self.scores[1] + 100 * dataset["points_after"] / possible,
        )
        self.unmet[0].update(dataset["unmet_before"])
        self.unmet[1].update(dataset["unmet_after"])

    def as_dict(self) -> dict[str, Any]:
        """Return the summary for the API."""
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
    migration_map: Map, corrections: plan.Corrections, owner_org: str = ""
) -> Iterator[RehearsedDataset]:
    """Yield what a map would change in each dataset; nothing is changed.

    Args:
        migration_map: the map.
        corrections: the corrections of the agencies.
        owner_org: id of an organisation, for its datasets only.
    """
    last_id = ""
    while ids := datasets.ids_after(last_id):
        last_id = ids[-1]
        with directory.preloaded(), vocabulary.preloaded():
            batch = [
                dataset
                for dataset in datasets.load(ids)
                if not owner_org or dataset.record.get("owner_org") == owner_org
            ]
            outcomes = [
                (dataset, plan.outcome(dataset, migration_map, corrections)) for dataset in batch
            ]
            dataset_reader.prime(dataset.record for dataset in batch)
            yield from [_rehearse_dataset(dataset, outcome) for dataset, outcome in outcomes]


def _rehearse_dataset(dataset: datasets.StoredDataset, outcome: plan.Outcome) -> RehearsedDataset:
    record = dataset.record
    changed = plan.with_changes(record, outcome.changes) if outcome.changes else record
    before = rule_report.as_dict(record, rule_report.examine(record), "en", only_unmet=True)
    after = (
        rule_report.as_dict(changed, rule_report.examine(changed), "en", only_unmet=True)
        if outcome.changes
        else before
    )
    return RehearsedDataset(
        id=dataset.id,
        name=record["name"],
        title=record.get("title") or record["name"],
        organization=record.get("owner_org") or "",
        left_alone=outcome.left_alone,
        changes=[*_changes(record, changed), *_resource_changes(outcome)]
        if outcome.changes
        else [],
        unread=[
            Unread(
                field=problem.path,
                source=problem.source,
                text=problem.text,
                reason=problem.reason,
            )
            for problem in outcome.problems
        ],
        unmet_before=[finding["rule"] for finding in before["results"]],
        unmet_after=[finding["rule"] for finding in after["results"]],
        refused_before=not before["publishable"],
        refused_after=not after["publishable"],
        points_before=before["points"],
        points_after=after["points"],
        # More rules apply once a dataset is classified as open.
        points_possible=max(after["points_possible"], before["points_possible"]),
    )


def _changes(record: dict[str, Any], changed: dict[str, Any]) -> list[FieldChange]:
    compared = (
        (path, plan.field_text(record, target), plan.field_text(changed, target))
        for path, target in targets.known_targets().items()
        if target.kind != "group"
    )
    return [
        FieldChange(field=path, before=before, after=after)
        for path, before, after in compared
        if before != after
    ]


def _resource_changes(outcome: plan.Outcome) -> list[FieldChange]:
    fields = ((datasets.resource_field(change.name), change) for change in outcome.changes)
    return [
        FieldChange(
            field=f"{targets.RESOURCES}{field[1]}",
            before=str(change.before or ""),
            after=change.after or "",
        )
        for field, change in fields
        if field is not None
    ]


def summaries(rehearsed: Iterator[RehearsedDataset]) -> tuple[Summary, dict[str, Summary]]:
    """Return the summary of all datasets, and of those of each agency by its id."""
    total, agencies = Summary(), {}
    for dataset in rehearsed:
        total.add(dataset)
        agencies.setdefault(dataset["organization"], Summary()).add(dataset)
    for agency_id, title in organisation_titles(agencies).items():
        agencies[agency_id].title = title
    return total, agencies


def organisation_titles(organisations: Any) -> dict[str, str]:
    """Return the titles of organisations by id."""
    query = sa.select(model.Group.id, model.Group.title, model.Group.name)
    rows = model.Session.execute(query.where(model.Group.id.in_(list(organisations))))
    return {row.id: row.title or row.name for row in rows}


PAGE_SIZE = 200


class UnmetRule(TypedDict):
    """A rule that a dataset does not meet."""

    agency: str
    dataset: str
    title: str
    level: str
    rule: str
    field: str
    message: str
    remedy: str
    basis: str


def unmet_rules(owner_org: str = "") -> Iterator[UnmetRule]:
    """Yield the unmet rules by agency, rules that prevent publication first.

    Args:
        owner_org: id of an organisation, for its datasets only.
    """
    lang = http.language()
    unmet: list[UnmetRule] = []
    last_id = ""
    while page := rule_report.examine_page(last_id, PAGE_SIZE, owner_org or None):
        last_id = page[-1][0]["id"]
        titles = organisation_titles({dataset.get("owner_org") for dataset, _ in page} - {None})
        unmet += [
            UnmetRule(
                agency=titles.get(dataset.get("owner_org") or "", ""),
                dataset=dataset["name"],
                title=dataset.get("title") or dataset["name"],
                level=finding.level.value,
                rule=finding.rule.id,
                field=finding.field,
                message=finding.message(lang),
                remedy=finding.as_dict(lang)["remedy"],
                basis=finding.basis(lang),
            )
            for dataset, findings in page
            for finding in findings
            if finding.met is False
        ]
    order = [level.value for level in rule_report.SHOWN_LEVELS]
    yield from sorted(
        unmet,
        key=lambda finding: (finding["agency"], finding["dataset"], order.index(finding["level"])),
    )


def unmet_header() -> list[str]:
    """Return the headings of the table of unmet rules."""
    return [
        tk._("Agency"),
        tk._("Address"),
        tk._("Dataset"),
        tk._("Level"),
        tk._("Rule"),
        tk._("Field"),
        tk._("What is missing"),
        tk._("What to do"),
        tk._("Legal basis"),
    ]


def unmet_rows(unmet: Iterable[UnmetRule]) -> Iterator[list[str]]:
    """Yield unmet rules as rows of a table."""
    for rule in unmet:
        yield [str(value) for value in rule.values()]
