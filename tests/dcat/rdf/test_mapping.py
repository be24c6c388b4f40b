from __future__ import annotations

import pytest
import yaml

from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.rdf.mapping import DATASET, MARKS, ROWS, Kind, Row, rows_of
from ckanext.nd47.lib.data import data_path
from ckanext.nd47.lib.vocabularies import vocabulary

NS = "https://example.vn/ns/nd47#"
# CKAN's own: the name in the address, and the form's way to write tags.
NOT_EXPORTED = {"name", "tag_string"}


def schema_fields() -> set[tuple[str, str]]:
    """Every field of the dataset schema, with what it belongs to."""
    schema = yaml.safe_load(data_path("schemas", "dataset.yaml").read_text(encoding="utf-8"))
    found = {("distribution", field["field_name"]) for field in schema["resource_fields"]}
    for field in schema["dataset_fields"]:
        found.add(("dataset", field["field_name"]))
        for part in field.get("repeating_subfields", ()):
            found.add((field["field_name"], part["field_name"]))
    return found


def test_every_field_of_the_schema_has_a_property():
    mapped = {(row.of, field) for row in ROWS for field in (row.field, row.default)}
    assert {f for f in schema_fields() - mapped if f[1] not in NOT_EXPORTED} == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.of}.{row.field}")
def test_every_row_names_a_property_with_a_known_prefix(row: Row):
    for name in (row.prefix_name, row.rdf_class, row.eu_property):
        if name:
            assert terms.expand(name, NS).value.startswith("http")


@pytest.mark.parametrize("row", [r for r in (*ROWS, *MARKS) if r.prefix_name.startswith("nd47:")])
def test_every_own_property_has_a_label_in_both_languages(row: Row):
    assert row.label_vi
    assert row.label_en


@pytest.mark.parametrize("row", [r for r in ROWS if r.vocabulary])
@pytest.mark.usefixtures("site")
def test_every_vocabulary_of_the_table_exists(row: Row):
    assert len(vocabulary.get(row.vocabulary)) > 0


@pytest.mark.parametrize("row", [r for r in ROWS if r.kind is Kind.GROUP])
def test_every_group_has_rows_of_its_own(row: Row):
    assert rows_of(row.field)


def test_every_row_belongs_to_something_that_is_written():
    groups = {row.field for row in DATASET}
    assert {row.of for row in ROWS} - groups == {
        "dataset",
        "distribution",
        "organization",
        "service",
    }


def test_no_two_rows_give_one_property_of_one_thing_to_two_fields():
    taken: dict[tuple[str, str], str] = {}
    for row in ROWS:
        assert taken.setdefault((row.of, row.prefix_name), row.field) == row.field


def test_an_unknown_prefix_is_an_error():
    with pytest.raises(KeyError):
        terms.expand("khong:co", NS)
