"""What is installed is read whole: templates, code, scripts and scheming schemas."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from ckanext.nd47.lib.language.catalogues import SOURCES
from dev.i18n.sources import Source, all_sources, core_extensions, messages_of, schema_texts


def source(domain: str) -> Source:
    return next(item for item in all_sources() if item.domain == domain)


@pytest.fixture(scope="module")
def core() -> Catalog:
    """The messages of CKAN, read once."""
    return messages_of(source("ckan"))


def test_every_merged_source_is_known():
    assert [item.domain for item in all_sources()] == list(SOURCES)


def test_bundled_extensions_are_read_without_the_examples():
    names = core_extensions()
    assert {"ckanext.activity", "ckanext.datastore"} <= set(names)
    assert not [name for name in names if "example" in name]


def test_template_of_ckan_is_complete(core):
    """CKAN 2.12 announces 1,213 messages."""
    assert len([m for m in core if m.id]) >= 1213


def test_message_missing_in_the_template_is_found_in_the_code(core):
    """CKAN 2.12.0 was released with a template older than its validators."""
    assert "Must start with {prefix}" in core


def test_extension_without_a_template_is_read_from_its_code():
    assert "Select at least one" in messages_of(source("ckanext-scheming"))


def test_labels_of_schemas_are_messages():
    assert "Contact points" in messages_of(source("ckanext-dcat"))


def test_script_is_named_as_the_place_of_its_messages(core):
    places = {path for path, _ in core["Table/List toggle"].locations}
    assert places == {"ckanext/datatablesview/assets/datatablesview.js"}


def test_missing_extension_is_not_installed():
    missing = Source("ckanext-none", ("ckanext.none",))
    assert not missing.installed
    with pytest.raises(ModuleNotFoundError):
        messages_of(missing)


def test_source_with_one_missing_package_is_not_installed():
    assert not Source("half", ("ckan", "nowhere.at.all")).installed


def test_schema_texts_are_labels_helps_and_placeholders():
    schema = {
        "about": "left out",
        "dataset_fields": [
            {"label": "Title", "help_text": "Say what it is", "form_placeholder": "eg. x"},
            {"repeating_subfields": [{"label": "Inner", "choices": [{"label": "One"}]}]},
        ],
    }
    expected = ["Title", "Say what it is", "eg. x", "Inner", "One"]
    assert list(schema_texts(schema)) == expected


@pytest.mark.parametrize(
    "schema", [None, "label", [], {"label": {"vi": "a", "en": "b"}}, {"label": ""}]
)
def test_labels_by_language_are_no_messages(schema):
    """ckanext-scheming takes those from the schema itself, without gettext."""
    assert list(schema_texts(schema)) == []
