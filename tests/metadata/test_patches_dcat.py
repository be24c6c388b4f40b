"""The patch of ckanext-dcat's indexing is still needed, and works."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import ckan.plugins as p

pytestmark = [
    pytest.mark.usefixtures("with_plugins"),
    pytest.mark.ckan_config("ckan.plugins", "nd47 scheming_datasets scheming_organizations dcat"),
]
DOCUMENTS = {
    "a group without a list": {"contact": '{"name": "Phòng Thủy lợi"}'},
    "a number": {"contact": "5"},
}


@pytest.fixture
def before_dataset_index() -> Callable[[dict[str, Any]], dict[str, Any]]:
    return p.get_plugin("dcat").before_dataset_index  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue]


@pytest.mark.parametrize("fields", DOCUMENTS.values(), ids=DOCUMENTS)
def test_ckanext_dcat_cannot_index_it(before_dataset_index, fields):
    stock = inspect.unwrap(before_dataset_index)
    assert stock is not before_dataset_index
    assert list(inspect.signature(stock).parameters) == ["dataset_dict"]
    with pytest.raises(TypeError):
        stock({"type": "dataset", **fields})


@pytest.mark.parametrize("fields", DOCUMENTS.values(), ids=DOCUMENTS)
def test_with_the_patch_it_is_indexed(before_dataset_index, fields):
    document = before_dataset_index({"type": "dataset", **fields})
    assert any(value in document.values() for value in ("Phòng Thủy lợi", "5"))


def test_groups_in_a_list_are_indexed_as_by_ckanext_dcat(before_dataset_index):
    document = {"type": "dataset", "contact": '[{"name": "Phòng Thủy lợi"}]'}
    expected = inspect.unwrap(before_dataset_index)(dict(document))
    assert before_dataset_index(dict(document)) == expected
