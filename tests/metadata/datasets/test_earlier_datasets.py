"""Datasets that were made under another schema, and organisations."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.model import Agency
from tests.metadata.conftest import new_name

pytestmark = pytest.mark.usefixtures("portal", "without_rules")


def store(dataset: dict[str, Any], extras: dict[str, str], **columns: str) -> dict[str, Any]:
    """Put values into the database past the schema, as another schema would have."""
    package = model.Package.get(dataset["id"])
    assert package
    package.extras.update(extras)
    for column, value in columns.items():
        setattr(package, column, value)
    model.Session.commit()
    search.rebuild(dataset["id"])
    return call_action("package_show", id=dataset["id"])


class TestDatasetFromBefore:
    """Made under another schema: it shows, and can be edited and saved as it is."""

    OLD = {
        "frequency": "http://publications.europa.eu/resource/authority/frequency/ANNUAL",
        "theme": '["http://publications.europa.eu/resource/authority/data-theme/EDUC"]',
        "access_rights": "Ai cũng xem được",
        "issued": "năm 2019",
        "contact": '[{"name": "A", "email": "không rõ"}]',
        "provenance": "a\u0309" * 9000,
    }

    @pytest.fixture
    def old(self, create):
        return store(create(), {**self.OLD, "identifier": new_name()})

    def test_shows_its_values(self, old):
        assert old["frequency"] == self.OLD["frequency"]
        assert old["theme"] == ["http://publications.europa.eu/resource/authority/data-theme/EDUC"]

    def test_can_be_saved_as_it_is(self, old):
        saved = call_action("package_update", **{**old, "title": "Tên mới"})
        assert saved["title"] == "Tên mới"
        for field in self.OLD:
            assert saved[field] == old[field], field

    def test_value_that_is_touched_must_be_good(self, old):
        with pytest.raises(tk.ValidationError) as refused:
            call_action("package_patch", id=old["id"], frequency="http://a.example/WEEKLY")
        assert set(refused.value.error_dict) == {"frequency"}

    def test_old_value_may_stay_beside_a_new_one(self, old):
        theme = [*old["theme"], "giao-duc"]
        assert call_action("package_patch", id=old["id"], theme=theme)["theme"] == theme

    def test_old_subfield_may_stay_when_its_group_moves(self, old):
        contact = [{"name": "Mới"}, *old["contact"]]
        assert call_action("package_patch", id=old["id"], contact=contact)["contact"] == contact

    def test_licence_that_the_portal_dropped_may_stay(self, create):
        old = store(create(), {}, license_id="giay-phep-cu")
        saved = call_action("package_patch", id=old["id"], title="Tên mới")
        assert saved["license_id"] == "giay-phep-cu"

    def test_value_of_a_resource_may_stay(self, create):
        made = create(resources=[{"url": "https://a.example/x.csv"}])
        resource = model.Resource.get(made["resources"][0]["id"])
        assert resource
        resource.extras = {**resource.extras, "period": "quý này"}
        model.Session.commit()
        search.rebuild(made["id"])
        saved = call_action("resource_patch", id=resource.id, description="Mô tả mới")
        assert (saved["period"], saved["description"]) == ("quý này", "Mô tả mới")


class TestOrganisation:
    @pytest.fixture
    def agency(self):
        code = f"H99.{uuid4().hex[:6].upper()}"
        return factories.Organization(identifier=code, email="a@b.example")

    def test_keeps_its_fields(self, department):
        shown = call_action("organization_show", id=department["id"])
        assert (shown["identifier"], shown["agency_level"]) == ("H99.02", "department")
        assert shown["email"] == "dulieu@sgd.haison.example"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("identifier", "99"),
            ("agency_level", "sở"),
            ("email", "không phải thư"),
            ("url", "sgd.example"),
            ("title", "a\x00"),
            ("address", "a" * 501),
        ],
    )
    def test_bad_value_is_refused_at_its_field(self, agency, field, value):
        with pytest.raises(tk.ValidationError) as refused:
            call_action("organization_patch", id=agency["id"], **{field: value})
        assert set(refused.value.error_dict) == {field}

    def test_bad_value_from_before_may_stay(self, agency):
        entry = model.Session.get(Agency, agency["id"])
        assert entry
        entry.code = "000.00.00.H49"
        model.Session.commit()
        directory.clear()
        call_action("organization_patch", id=agency["id"], title="Tên mới")
        shown = call_action("organization_show", id=agency["id"])
        assert (shown["title"], shown["identifier"]) == ("Tên mới", "000.00.00.H49")
