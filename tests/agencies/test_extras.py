"""What an organisation has stays among its extras, so that nothing is missing without the suite."""

from __future__ import annotations

from typing import Any

import pytest

from ckan.tests.helpers import call_action

from tests.agencies.conftest import agency, organisation_extras

pytestmark = pytest.mark.usefixtures("portal")

GIVEN = {"email": "vanthu@so.example", "telephone": "0236 3822 999"}


@pytest.fixture
def made() -> dict[str, Any]:
    return agency("Sở Tư pháp", **GIVEN)


def test_what_was_given_is_in_both(made):
    assert organisation_extras(made) == GIVEN
    entry = call_action("nd47_agency_show", id=made["id"])
    assert {name: entry[name] for name in GIVEN} == GIVEN


def test_a_change_of_the_register_is_in_the_extras(made):
    call_action("nd47_agency_update", id=made["id"], email="moi@so.example", telephone="")
    assert organisation_extras(made) == {"email": "moi@so.example"}


def test_a_change_of_the_organisation_is_in_the_register(made):
    call_action("organization_patch", id=made["id"], email="moi@so.example")
    assert call_action("nd47_agency_show", id=made["id"])["email"] == "moi@so.example"
    assert organisation_extras(made) == {**GIVEN, "email": "moi@so.example"}


def test_an_update_that_names_no_contact_leaves_it(made):
    call_action("organization_update", id=made["id"], name=made["name"], title="Sở khác")
    assert organisation_extras(made) == GIVEN
    assert call_action("nd47_agency_show", id=made["id"])["email"] == GIVEN["email"]


def test_an_emptied_field_is_in_neither(made):
    call_action("organization_patch", id=made["id"], telephone="")
    assert organisation_extras(made) == {"email": GIVEN["email"]}
    assert call_action("nd47_agency_show", id=made["id"])["telephone"] == ""


def test_a_deleted_entry_leaves_nothing(made):
    call_action("nd47_agency_delete", id=made["id"])
    assert organisation_extras(made) == {}


def test_the_organisation_is_shown_once_with_each_value(made):
    shown = call_action("organization_show", id=made["id"])
    assert {name: shown[name] for name in GIVEN} == GIVEN
    assert shown.get("extras", []) == []
