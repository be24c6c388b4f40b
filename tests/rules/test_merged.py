"""The rules on a portal whose own dataset type has taken our fields in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.rules import records
from tests.metadata.compose.test_compose import CAMELS
from tests.metadata.compose.test_compose_portal import merged_file
from tests.metadata.conftest import new_name
from tests.support.databases import empty_database
from tests.support.loaded import OURS, loaded

from .conftest import errors_of

CSV = {"url": "https://du-lieu.example/lac-da.csv", "camels_in_photo": 2, "format": "CSV"}


@pytest.fixture(scope="module")
def options(services: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A portal of camel photos with our fields."""
    path = merged_file(tmp_path_factory.mktemp("camels"), CAMELS)
    with loaded(
        OURS, scheming__dataset_schemas=path.as_uri(), ckanext__nd47__rules_from=""
    ) as found:
        empty_database()
        yield found


@pytest.fixture
def photos(options: dict[str, Any], ckan_config: Any) -> Iterator[dict[str, Any]]:
    """What a dataset of camel photos needs by the portal's own schema."""
    ckan_config.update(options)
    yield {
        "type": "camel-photos",
        "name": new_name(),
        "title": "Ảnh lạc đà",
        "humps": 2,
        "category": "hybrid",
        "owner_org": factories.Organization()["id"],
    }
    model.Session.rollback()


def test_the_rules_are_about_the_type(photos: dict[str, Any]) -> None:
    assert "camel-photos" in records.governed_types()


def test_every_unmet_rule_is_named(photos: dict[str, Any]) -> None:
    sent = {**photos, "sharing_class": "du-lieu-mo", "license_id": "other-closed"}
    with pytest.raises(tk.ValidationError) as refusal:
        call_action("package_create", **sent)
    assert set(errors_of(refusal)) == {"license_id", "resources"}


def test_a_draft_is_free_and_published_once_it_is_complete(photos: dict[str, Any]) -> None:
    draft = call_action("package_create", **photos, state="draft")
    call_action("resource_create", package_id=draft["id"], **CSV)
    complete = {"state": "active", "license_id": "vn-open-data-2023"}
    published = call_action("package_patch", id=draft["id"], **complete)
    assert published["state"] == "active"


def test_it_is_among_all_datasets(photos: dict[str, Any]) -> None:
    draft = call_action("package_create", **photos, state="draft")
    listed = call_action("nd47_rule_check", limit=1000)["results"]
    assert draft["id"] in {one["id"] for one in listed}
