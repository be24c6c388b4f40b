"""The rules on portals with another schema: plain CKAN, and that of ckanext-dcat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.rules import gate
from ckanext.nd47.rules.report import examine
from tests.metadata.conftest import new_name
from tests.support.databases import empty_database
from tests.support.loaded import loaded

from .conftest import errors_of, stored

IN_FORCE = {"ckanext__nd47__rules_from": ""}
PORTALS: dict[str, tuple[str, dict[str, str]]] = {
    "plain": ("nd47", {}),
    "dcat": (
        "nd47 scheming_datasets dcat",
        {
            "scheming__dataset_schemas": "ckanext.dcat.schemas:dcat_ap_full.yaml",
            "scheming__presets": (
                "ckanext.scheming:presets.json ckanext.dcat.schemas:presets.yaml"
            ),
        },
    ),
}
CSV = {"url": "https://du-lieu.example/truong.csv", "name": "Danh sách", "format": "CSV"}
EU = "http://publications.europa.eu/resource/authority"


@pytest.fixture(scope="module", params=PORTALS)
def options(request: pytest.FixtureRequest, services: None) -> Iterator[dict[str, Any]]:
    """A portal with nd47 and a schema of its own, for all tests of the module."""
    plugins, settings = PORTALS[request.param]
    with loaded(plugins, **settings, **IN_FORCE) as found:
        empty_database()
        yield found


@pytest.fixture
def _portal(options: dict[str, Any], ckan_config: Any) -> Iterator[None]:
    ckan_config.update(options)
    yield
    model.Session.rollback()


@pytest.fixture
def create(_portal: None) -> Any:
    """Makes datasets of one agency."""

    def make(**fields: Any) -> dict[str, Any]:
        owner = model.Group.get("so-giao-duc")
        owner_id = owner.id if owner else factories.Organization(name="so-giao-duc")["id"]
        given = {"name": new_name(), "title": "Trường", "owner_org": owner_id, "notes": "Mô tả"}
        return call_action("package_create", **{**given, **fields})

    return make


def refused(action: str, **arguments: Any) -> set[str]:
    """Call an action that is to be refused, and return the fields with a message."""
    with pytest.raises(tk.ValidationError) as refusal:
        call_action(action, **arguments)
    return set(errors_of(refusal))


def test_data_under_an_open_licence_need_a_resource(create: Any) -> None:
    with pytest.raises(tk.ValidationError) as refusal:
        create(license_id="cc-by")
    assert set(errors_of(refusal)) == {"resources"}


def test_they_are_published_with_one(create: Any) -> None:
    dataset = create(license_id="cc-by", resources=[CSV])
    assert gate.was_published_under_rules(stored(dataset))


def test_data_that_claim_no_openness_are_free(create: Any) -> None:
    assert create(license_id="notspecified")["state"] == "active"


def test_a_draft_is_free_and_its_publication_is_not(create: Any) -> None:
    draft = create(license_id="cc-by", state="draft")
    assert refused("package_patch", id=draft["id"], state="active") == {"resources"}


def test_a_change_of_one_resource_sees_the_others(create: Any) -> None:
    dataset = create(license_id="cc-by", resources=[CSV, {**CSV, "format": "DOC"}])
    call_action("resource_patch", id=dataset["resources"][1]["id"], description="Bản in")
    csv = dataset["resources"][0]["id"]
    assert refused("resource_patch", id=csv, format="DOC") == {"resources"}


def test_the_licence_of_a_published_dataset_can_be_closed(create: Any) -> None:
    """Without our sharing class the licence is all that says that data are open."""
    dataset = create(license_id="cc-by", resources=[CSV])
    call_action("package_patch", id=dataset["id"], license_id="other-closed")


def test_nobody_is_refused_for_a_field_that_the_portal_lacks(create: Any, ckan_config: Any) -> None:
    ckan_config["ckanext.nd47.rules"] = "personal-data-assessment: error\ndescribed: error"
    assert create(license_id="cc-by", resources=[CSV])["state"] == "active"
    with pytest.raises(tk.ValidationError) as refusal:
        create(license_id="cc-by", resources=[CSV], notes="")
    assert set(errors_of(refusal)) == {"notes"}


def test_the_same_context_serves_a_caller_again(create: Any) -> None:
    """Views of CKAN save and then show with one context."""
    context: Any = {"user": "", "ignore_auth": True}
    dataset = create(license_id="cc-by", resources=[CSV])
    tk.get_action("package_patch")(context, {"id": dataset["id"], "title": "Khác"})
    shown = tk.get_action("package_show")(context, {"id": dataset["id"]})
    assert shown["title"] == "Khác"
    assert gate.CONTEXT_KEY not in context


def test_codes_of_other_tables_are_understood(options: dict[str, Any], create: Any) -> None:
    value = f"{EU}/access-right/RESTRICTED"
    has_field = "scheming_datasets" in options["ckan.plugins"]
    given = {"access_rights": value}
    extras = {"extras": [{"key": "access_rights", "value": value}]}
    dataset = create(
        state="draft", license_id="cc-by", resources=[CSV], **(given if has_field else extras)
    )
    found = examine(call_action("package_show", id=dataset["id"]))
    verdicts = {one.rule.id: one.met for one in found}
    assert verdicts["free-access"] is False
    assert verdicts["openness-stated"] is True
