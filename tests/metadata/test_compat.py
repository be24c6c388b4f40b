"""The patched methods of other extensions have the expected form, and still need the patch."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

import ckan.plugins as p
from ckan.lib.plugins import DefaultDatasetForm

from ckanext.dcat.plugins import DCATPlugin
from ckanext.scheming.plugins import SchemingDatasetsPlugin

from tests.support.loaded import OURS, only

ONE_GROUP = '{"name": "Phòng Kỹ thuật"}'
"""A stored value with a single group, where ckanext-dcat expects a list of groups."""


@pytest.fixture(scope="module")
def plugins() -> Iterator[None]:
    """The plugins with both patched extensions; the tests do not use the database."""
    with only(f"{OURS} dcat"):
        yield


def parameters(method: Any) -> list[str]:
    return list(inspect.signature(method).parameters)


def test_scheming_validates_with_the_parameters_that_the_patch_passes_on():
    names = parameters(SchemingDatasetsPlugin.validate)
    assert names == ["self", "context", "data_dict", "schema", "action"]


def test_dcat_prepares_the_index_with_the_parameter_that_the_patch_passes_on():
    assert parameters(DCATPlugin.before_dataset_index) == ["self", "dataset_dict"]


@pytest.mark.usefixtures("plugins")
class TestNeeded:
    """When one of these fails, upstream has changed and the patch can be removed."""

    def test_dcat_alone_cannot_index_a_single_group(self):
        dcat: Any = p.get_plugin("dcat")
        with pytest.raises(TypeError):
            dcat.before_dataset_index.__wrapped__({"type": "dataset", "contact": ONE_GROUP})

    def test_the_patch_indexes_it(self):
        dcat: Any = p.get_plugin("dcat")
        indexed = dcat.before_dataset_index({"type": "dataset", "contact": ONE_GROUP})
        assert indexed["extras_contact__name"] == "Phòng Kỹ thuật"

    def test_scheming_alone_cannot_show_a_text_in_place_of_groups(self):
        scheming: Any = p.get_plugin("scheming_datasets")
        with pytest.raises((AttributeError, TypeError, ValueError)):
            show(scheming.validate.__wrapped__)

    def test_the_patch_shows_it_among_the_extras(self):
        scheming: Any = p.get_plugin("scheming_datasets")
        assert show(scheming.validate)["extras"] == [{"key": "contact", "value": "Ông A"}]


def show(validate: Any) -> dict[str, Any]:
    """Return a dataset with a text in a field of groups, as `package_show` validates it."""
    dataset = {
        "type": "dataset",
        "name": "a",
        "title": "A",
        "extras": [{"key": "contact", "value": "Ông A"}],
    }
    schema = DefaultDatasetForm().show_package_schema()
    shown, _errors = validate({}, dataset, schema, "package_show")
    return shown
