"""Random datasets go in, come out, and go in again: nothing changes on the way.

The strategies are made from the schema file, so a new field is tried without a new test; a field
with a validator that no strategy is known for fails.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ckan.tests.helpers import call_action

from ckanext.nd47.lib.data import data_path
from ckanext.nd47.lib.vocabularies import vocabulary
from tests.metadata.conftest import new_name

pytestmark = pytest.mark.usefixtures("portal", "without_rules")

EXAMPLES = 25
PATIENT = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    # Making a failing record smaller takes many more savings than finding it.
    phases=(Phase.explicit, Phase.generate),
    print_blob=False,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
"""The same records in every run: a test that fails one day and passes the next helps nobody."""

NOT_FILLED = frozenset({"name", "owner_org", "tag_string", "responsible_agency"})
"""Given by the test itself, or names of what has to be there."""

FRESH = "one that no dataset has"
"""Stands for an identifier until the record is sent: the same record may be sent twice."""

Strategy = st.SearchStrategy[Any]

letters = st.characters(
    exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", codec="utf-8"
)
words = st.one_of(
    st.text(letters, max_size=40),
    st.sampled_from(
        [
            "Tie\u0302\u0301ng Vie\u0323\u0302t",
            "Đất đai & nhà ở <b>đậm</b>",
            "  hai  đầu ",
            '"trong ngoặc"',
            "[1, 2]",
            "{}",
            "null",
            "0",
            "false",
            "a\u200bb\u202ec",
        ]
    ),
)
lines = st.lists(words, min_size=1, max_size=4).map("\n".join)
years = st.integers(1000, 9999)
dates = st.one_of(
    st.dates().map(str),
    st.dates().map(lambda day: f"{day.day}/{day.month}/{day.year:04}"),
    years.map(str),
    st.builds("{:04}-{:02}".format, years, st.integers(1, 12)),
)
periods = st.one_of(
    years.map(str),
    st.builds("{}{}".format, years, st.integers(1, 4)),
    st.builds("{}{:02}".format, years, st.integers(1, 12)),
    st.builds("Quý {}/{}".format, st.integers(1, 4), years),
)
paths = st.text(st.sampled_from("abcđấ/-_.?=&#%20"), max_size=30)
addresses = st.builds("https://so.example/{}".format, paths)
points = st.builds(
    lambda x, y: json.dumps({"type": "Point", "coordinates": [x, y]}),
    st.floats(-180, 180),
    st.floats(-90, 90),
)


def codes(field: Mapping[str, Any]) -> Strategy:
    """Return a strategy for the codes of a field's list."""
    return st.sampled_from([term.code for term in vocabulary.get(field["vocabulary"])])


STRATEGIES: Mapping[str, Callable[[Mapping[str, Any]], Strategy]] = {
    "nd47_line": lambda _: words,
    "nd47_text": lambda _: lines,
    "nd47_date": lambda _: dates,
    "nd47_period": lambda _: periods,
    "nd47_choice": codes,
    "nd47_choices": lambda field: st.lists(codes(field), max_size=4),
    "nd47_lines": lambda _: st.lists(words, max_size=4),
    "nd47_url": lambda _: addresses,
    "nd47_urls": lambda _: st.lists(addresses, max_size=3),
    "nd47_resource_url": lambda _: addresses,
    "nd47_email": lambda _: st.builds("{}@so.example".format, st.from_regex(r"\A[a-z]{1,9}\Z")),
    "nd47_phone": lambda _: st.from_regex(r"\A0[1-9]{2} [0-9]{4} [0-9]{3}\Z"),
    "nd47_place": lambda _: st.one_of(st.from_regex(r"\A([0-9]{2}|[0-9]{5})\Z"), addresses),
    "nd47_geojson": lambda _: points,
    "nd47_size": lambda _: st.integers(0, 2**63 - 1).map(str),
    "nd47_license": lambda _: st.sampled_from(["vn-open-data-2023", "cc-by", "notspecified"]),
}
TEXT_PRESETS = frozenset({"nd47_line", "nd47_paragraph", "nd47_markdown"})


@cache
def read(name: str) -> Any:
    """Return one of the schema files."""
    return yaml.safe_load(data_path("schemas", name).read_text(encoding="utf-8"))


@cache
def presets() -> Mapping[str, str]:
    """Return the validators of each of our presets."""
    return {
        preset["preset_name"]: preset["values"].get("validators", "")
        for preset in read("presets.yaml")["presets"]
    }


def strategy(field: Mapping[str, Any]) -> Strategy:
    """Return a strategy for what a person may give to a field."""
    if field["field_name"] == "identifier" and "nd47_identifier" in field.get("validators", ""):
        return st.just(FRESH)
    if subfields := field.get("repeating_subfields"):
        most = 1 if field.get("repeating_once") else 3
        return st.lists(filled(subfields), max_size=most)
    validators = field.get("validators") or presets()[field["preset"]]
    names = [re.sub(r"\(.*", "", one) for one in validators.split()]
    known = [STRATEGIES[name] for name in names if name in STRATEGIES]
    assert known, f"no strategy for {field['field_name']}: {validators}"
    return known[0](field)


def filled(fields: list[dict[str, Any]]) -> Strategy:
    """Return a strategy for a record with any of some fields."""
    wanted = {f["field_name"]: strategy(f) for f in fields if f["field_name"] not in NOT_FILLED}
    return st.fixed_dictionaries({}, optional=wanted)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a dataset; its periods run forwards."""
    schema = read("dataset.yaml")
    record = draw(filled(schema["dataset_fields"]))
    record["resources"] = draw(st.lists(filled(schema["resource_fields"]), max_size=2))
    for group in record.get("temporal_coverage", []):
        if group.get("start") and group.get("end"):
            del group["end"]
    record["state"] = draw(st.sampled_from(["draft", "active"]))
    return record


def said(value: Any) -> bool:
    """Say whether a value says anything."""
    if isinstance(value, dict):
        return any(map(said, value.values()))
    if isinstance(value, list):
        return any(map(said, value))
    return bool(str(value).split())


@given(record=records())
@PATIENT
def test_nothing_changes_on_the_way(create: Callable[..., dict[str, Any]], record: dict[str, Any]):
    sent = {"title": "Tên", **record, "name": new_name()}
    if record.get("identifier") == FRESH:
        sent["identifier"] = sent["name"]
    made = create(**sent)
    shown = call_action("package_show", id=made["id"])
    assert shown == made
    assert call_action("package_update", **shown) == shown
    assert call_action("package_show", id=made["id"]) == shown
    lost = [name for name, value in record.items() if said(value) and not said(made.get(name))]
    assert lost == []


@given(text=lines)
@PATIENT
def test_every_text_arrives_whole(create: Callable[..., dict[str, Any]], text: str):
    fields = [
        field["field_name"]
        for field in read("dataset.yaml")["dataset_fields"]
        if field.get("preset") in TEXT_PRESETS
    ]
    made = create(**dict.fromkeys(fields, text))
    for name in fields:
        got, expected = made.get(name, ""), unicodedata.normalize("NFC", text)
        assert got.split() == expected.split(), name
