"""The keys that the suite adds to answers of CKAN's API are those that the documentation lists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.metadata.conftest import new_name
from tests.support.databases import empty_database
from tests.support.loaded import OURS, loaded

PAGE = Path(__file__).parents[2] / "docs" / "install.md"
SECTION = re.compile(r"(?ms)^## Keys added to the API$(.*?)^## ")
ROW = re.compile(r"(?m)^\| (.*?) \| `(\w+)` \|")

Answers = dict[str, dict[str, Any]]


def answers(dataset_id: str, owner: str) -> Answers:
    """Return a record of each kind as an anonymous client gets it."""
    anonymous: Any = {"user": "", "ignore_auth": False}
    shown = call_action("package_show", anonymous, id=dataset_id)
    search = call_action("package_search", anonymous, fq=f"id:{dataset_id}")
    return {
        "dataset": shown,
        "dataset in a search": search["results"][0],
        "file": shown["resources"][0],
        "agency": call_action("organization_show", anonymous, id=owner),
        "agency in a list": call_action("organization_list", anonymous, all_fields=True)[0],
    }


@pytest.fixture(scope="module")
def plain_and_ours(services: None) -> tuple[Answers, Answers]:
    """The same records on plain CKAN and with the suite."""
    with loaded(OURS):
        empty_database()
    with loaded(""):
        owner = factories.Organization()["id"]
        dataset = call_action(
            "package_create",
            name=new_name(),
            owner_org=owner,
            resources=[{"url": "https://xa.example/a.csv", "format": "CSV"}],
        )
        plain = answers(dataset["id"], owner)
    with loaded(f"{OURS} nd47_l10n nd47_dcat dcat"):
        return plain, answers(dataset["id"], owner)


def documented() -> set[tuple[str, str]]:
    section = SECTION.search(PAGE.read_text(encoding="utf-8"))
    assert section
    return set(ROW.findall(section[1]))


def test_the_page_lists_every_key_that_is_added_and_no_other(plain_and_ours):
    plain, ours = plain_and_ours
    added = {(kind, key) for kind in plain for key in ours[kind].keys() - plain[kind].keys()}
    assert added == documented()


def test_no_key_of_ckan_is_missing(plain_and_ours):
    plain, ours = plain_and_ours
    assert {kind: plain[kind].keys() - ours[kind].keys() for kind in plain} == dict.fromkeys(
        plain, set()
    )


def test_values_of_ckan_are_unchanged(plain_and_ours):
    plain, ours = plain_and_ours
    changed = {
        (kind, key)
        for kind in plain
        for key, value in plain[kind].items()
        if key not in ("resources", "organization") and ours[kind][key] != value
    }
    assert changed == set()
