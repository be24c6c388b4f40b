"""The proposed map: what a person reads, confirms and types, and what it achieves."""

from __future__ import annotations

import pytest
import yaml

from ckanext.nd47.migrate import mapping, proposal, reports, run
from ckanext.nd47.rules import edition
from ckanext.nd47.rules.model import Level
from tests.migrate import old_portal
from tests.migrate.conftest import Make
from tests.migrate.old_portal import confirmed

pytestmark = pytest.mark.usefixtures("portal")


COUNTED = (24, 5, 22, 0)
"""Values that are typed, confirmations, lines for extras and columns, and lines that are unsure, as
docs/migrate.md says."""
TOTAL = 51
"""Lines that are read, confirmations and typed values."""


def unmet(rehearsed: list[reports.RehearsedDataset], level: Level) -> tuple[int, int]:
    """Return how often rules of a level are not met after a map, and how often they are asked."""
    rules = {rule.id for rule, of in edition.in_force().rules if of is level}
    missed = sum(rule in rules for dataset in rehearsed for rule in dataset["unmet_after"])
    return missed, len(rules) * len(rehearsed)


def typed(proposed: str, handed_back: str) -> tuple[int, int]:
    """Return how many values a person typed into a proposal, and how often they confirmed."""
    before, after = yaml.safe_load(proposed), yaml.safe_load(handed_back)
    values = confirmations = 0
    for old, new in zip(before["defaults"], after["defaults"], strict=True):
        values += sum(new["set"][path] != old["set"][path] for path in new["set"])
        confirmations += new["confirmed"] != old["confirmed"]
    moves = zip(before["fields"], after["fields"], strict=True)
    values += sum(old != new for old, new in moves)
    return values, confirmations


@pytest.mark.usefixtures("odd")
def test_the_proposed_map_can_be_read_and_has_the_mistyped_values() -> None:
    written = proposal.propose()
    moves = {
        entry["from"]: entry
        for entry in yaml.safe_load(written)["fields"]
        if entry["to"] != "contact"
    }
    assert moves["Tần suất"]["values"] == {"hàng thánng": "hang-thang"}
    assert moves["Năm"]["to"] == "temporal_coverage"
    assert "x: [y" not in moves
    assert mapping.parse(written).moves
    assert not any(entry.confirmed for entry in mapping.parse(written).defaults)


def test_the_proposed_map_of_200_datasets_meets_all_binding_rules_and_nine_in_ten_others(
    make: Make,
) -> None:
    ids = make(200)
    written = confirmed(proposal.propose())
    rehearsed = list(reports.rehearse(mapping.parse(written), {}))
    assert len(rehearsed) == len(ids)
    assert unmet(rehearsed, Level.ERROR)[0] == 0
    missed = sum(unmet(rehearsed, level)[0] for level in (Level.WARNING, Level.ADVICE))
    checked = sum(unmet(rehearsed, level)[1] for level in (Level.WARNING, Level.ADVICE))
    assert missed <= checked / 10, sorted(
        {rule for dataset in rehearsed for rule in dataset["unmet_after"]}
    )


def test_for_200_datasets_a_person_reads_22_lines_confirms_5_defaults_and_types_24_values(
    make: Make,
) -> None:
    make(200)
    proposed = proposal.propose()
    unsure = proposed.count(proposal.UNSURE)
    values, confirmations = typed(proposed, confirmed(proposed))
    lines = len(yaml.safe_load(proposed)["fields"])
    assert (values, confirmations, lines, unsure) == COUNTED
    assert lines + confirmations + values == TOTAL


def test_a_proposed_map_that_nobody_confirmed_claims_nothing(make: Make) -> None:
    ids = make(20)
    run.work(run.begin(proposal.propose(), {}, "").id)
    extras = [row["extras"] for row in old_portal.rows(ids).values()]
    claims = {"sharing_class", "access_rights", "applicable_legislation", "language"}
    assert not any(claims & stored.keys() for stored in extras)
    assert {row["license_id"] for row in old_portal.rows(ids).values()} == {
        "cc-by",
        "notspecified",
        "odc-by",
    }
