"""Whatever a record holds, the page stays readable for a strict parser that is not rdflib."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dcat.conftest import BASE, DATASET, Written

Export = Callable[[Mapping[str, Any]], Written]

FORMATS = {
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "pretty-xml": pyoxigraph.RdfFormat.RDF_XML,
    "nt": pyoxigraph.RdfFormat.N_TRIPLES,
    "json-ld": pyoxigraph.RdfFormat.JSON_LD,
}
ADDRESSES = (
    "javascript:alert(1)",
    "https://a.vn/<script>",
    "https://a.vn/\u202egpj.exe",
    "http://[",
    "https://a.vn:x/",
    "//a.vn",
    "mailto:a@b.vn",
    "https://a.vn/%zz",
    "https://a.vn/\ud800",
    "https://\u0645.example/ \u200f",
    "https://a.vn/a#b#c",
    "https://a.vn\\..\\x",
)
texts = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="\x00\x01\x0b\ud800\udfff\ufffe\uffff\u202e\u200b<>\"'\\]&{}", max_size=10),
    st.sampled_from(ADDRESSES),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)


def read_strictly(record: Written) -> None:
    """Parse each serialisation and look for the dataset in it."""
    for name, form in FORMATS.items():
        text = record.graph.serialize(format=name)
        subjects = {str(quad.subject) for quad in pyoxigraph.parse(text, format=form)}
        assert f"<{DATASET}>" in subjects, name


def spoil(dataset: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """The dataset with some fields, sub-fields and fields of resources replaced at random."""
    for name in list(dataset):
        if name == "id" or not data.draw(st.booleans()):
            continue
        part = dataset[name][0] if isinstance(dataset[name], list) and dataset[name] else None
        if isinstance(part, dict) and data.draw(st.booleans()):
            spoiled = {k: data.draw(values) for k in part if k != "id" and data.draw(st.booleans())}
            dataset[name] = [{**part, **spoiled}]
        elif name not in ("tags", "organization", "resources"):
            dataset[name] = data.draw(values)
    return dataset


@pytest.mark.slow
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_dataset_with_anything_in_any_field(
    export: Export, dataset: dict[str, Any], data: st.DataObject
):
    read_strictly(export(spoil(dict(dataset), data)))


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_of_any_kind_in_every_place_for_one(
    export: Export, dataset: dict[str, Any], address: str
):
    resource = {**dataset["resources"][0], "url": address, "uri": address, "license": address}
    read_strictly(
        export(
            {
                **dataset,
                "url": address,
                "license_id": address,
                "documentation": [address],
                "conforms_to": [address],
                "contact": [{"uri": address, "url": address, "name": address}],
                "spatial_coverage": [{"uri": address}],
                "resources": [resource],
            }
        )
    )


def test_a_text_of_a_million_letters_is_exported(export: Export):
    record = export({"title": "ổ" * 1_000_000})
    read_strictly(record)
    assert f"{BASE}/dataset/d1" in str(record.subject)
