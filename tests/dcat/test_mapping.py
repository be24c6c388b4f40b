from __future__ import annotations

import pytest

from ckanext.nd47 import vocabulary
from ckanext.nd47.dcat import terms
from ckanext.nd47.dcat.mapping import DATASET, ROWS, Kind, Row, rows_of

NS = "https://example.vn/ns/nd47#"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.of}.{row.field}")
def test_every_row_names_a_property_with_a_known_prefix(row: Row):
    for name in (row.prefix_name, row.rdf_class, row.eu_property):
        if name:
            assert terms.expand(name, NS).startswith("http")


@pytest.mark.parametrize("row", [r for r in ROWS if r.prefix_name.startswith("nd47:")])
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
    assert {row.of for row in ROWS} - groups == {"dataset", "distribution", "organization"}


def test_no_two_rows_give_one_property_of_one_thing_to_two_fields():
    taken: dict[tuple[str, str], str] = {}
    for row in ROWS:
        assert taken.setdefault((row.of, row.prefix_name), row.field) == row.field


def test_an_unknown_prefix_is_an_error():
    with pytest.raises(KeyError):
        terms.expand("khong:co", NS)
