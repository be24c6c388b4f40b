"""The licences of the law in CKAN's list, and their titles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask_babel import force_locale

from ckan import model
from ckan.lib import helpers as h
from ckan.model.license import DefaultLicense
from ckan.tests.helpers import call_action

from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import licence
from tests.metadata.conftest import PLUGINS

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    # No rule stands in the way of a dataset that says only what a test is about.
    pytest.mark.ckan_config("ckanext.nd47.rules_from", "2999-01-01"),
    pytest.mark.usefixtures("new_register"),
]

OWN = ["vn-open-data-2023", "nd47-open-data"]
PORTAL_LIST: list[dict[str, Any]] = [
    {
        "id": "tinh-hai-son",
        "title": "Điều khoản của tỉnh Hải Sơn",
        "url": "https://haison.example/dieu-khoan",
        "status": "active",
        "od_conformance": "approved",
    },
    {"id": "cc-by", "title": "Ghi công 4.0", "url": "https://cc.example", "status": "active"},
]


@pytest.fixture
def new_register(with_plugins: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """CKAN reads its list of licences once for each process: let it read it for each test."""
    monkeypatch.delattr(model.Package, "_license_register", raising=False)
    licence.register()


@pytest.fixture
def portal_list(
    new_register: None,
    tmp_path: Path,
    ckan_config: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A portal that has set `licenses_group_url`, as it is once it has started."""
    path = tmp_path / "licences.json"
    path.write_text(json.dumps(PORTAL_LIST), encoding="utf-8")
    ckan_config["licenses_group_url"] = f"file://{path}"
    monkeypatch.delattr(model.Package, "_license_register", raising=False)
    licence.register()


class TestRegister:
    @pytest.mark.parametrize("license_id", OWN)
    def test_ckan_knows_ours_as_open(self, license_id):
        assert model.Package.get_license_register()[license_id].isopen() is True

    @pytest.mark.parametrize("license_id", OWN)
    @pytest.mark.usefixtures("services")
    def test_nobody_claims_the_open_definition_for_them(self, license_id):
        known = {one["id"]: one for one in call_action("license_list")}
        assert known[license_id]["od_conformance"] == "not reviewed"

    def test_every_licence_of_ckan_is_still_there(self):
        standard = {each().id for each in DefaultLicense.__subclasses__()}
        assert standard
        assert standard < set(model.Package.get_license_register())

    def test_non_commercial_licence_is_not_open(self):
        assert model.Package.get_license_register()["cc-nc"].isopen() is False

    @pytest.mark.usefixtures("non_clean_db")
    def test_dataset_under_our_licence_is_open(self, create):
        made = create(license_id="nd47-open-data")
        assert made["isopen"] is True
        assert made["license_url"] == "http://test.ckan.net/license/nd47-open-data"

    @pytest.mark.usefixtures("non_clean_db")
    def test_dataset_under_a_closed_licence_is_not(self, create):
        assert create(license_id="other-closed")["isopen"] is False

    @pytest.mark.parametrize(
        ("license_id", "address"),
        [
            ("cc-by", "https://creativecommons.org/licenses/by/4.0/"),
            ("cc-zero", "https://creativecommons.org/publicdomain/zero/1.0/"),
            ("odc-odbl", "https://opendatacommons.org/licenses/odbl/1-0/"),
        ],
    )
    @pytest.mark.usefixtures("non_clean_db")
    def test_licence_of_ckan_has_its_own_address_with_its_version(
        self, create, license_id, address
    ):
        assert create(license_id=license_id)["license_url"] == address
        known = {one["id"]: one["url"] for one in call_action("license_list")}
        assert known[license_id] == address

    def test_no_licence_leads_to_a_page_without_version(self):
        addresses = [str(one.url) for one in model.Package.get_license_register().values()]
        assert not [address for address in addresses if "opendefinition.org" in address]

    def test_setting_up_twice_adds_nothing(self):
        licence.register()
        known = list(model.Package.get_license_register())
        assert len(known) == len(set(known))

    def test_every_legal_edition_names_one_of_them(self):
        for edition in vocabulary.get("legal-edition"):
            assert edition["licence"] in model.Package.get_license_register()


@pytest.mark.usefixtures("portal_list")
@pytest.mark.usefixtures("services")
class TestPortalWithItsOwnList:
    def test_ours_join_the_list(self):
        assert {"tinh-hai-son", *OWN} <= set(model.Package.get_license_register())

    def test_entries_of_the_portal_stay_as_they_are(self):
        assert licence.title("cc-by") == "Ghi công 4.0"
        known = {one["id"]: one for one in call_action("license_list")}
        assert known["tinh-hai-son"]["url"] == "https://haison.example/dieu-khoan"

    def test_entry_of_the_portal_is_known_by_the_names_of_the_licence(self):
        assert licence.recognise("CC-BY-4.0") == "cc-by"
        assert licence.recognise("Ghi công 4.0") == "cc-by"
        assert licence.recognise("https://haison.example/dieu-khoan/") == "tinh-hai-son"
        assert call_action("license_list")[-1]["url"] == "https://cc.example"

    def test_licence_that_the_portal_dropped_is_not_known_by_its_names(self):
        assert licence.recognise("ODC-By-1.0") is None

    def test_licence_that_the_portal_dropped_is_not_offered(self):
        assert licence.find("odc-by") is None

    def test_licence_in_use_that_the_portal_dropped_can_still_be_chosen(self):
        asked: Any = "odc-by"  # CKAN declares a pair and works with an id
        assert ("odc-by", "odc-by") in h.license_options(asked)


class TestTitle:
    def test_is_vietnamese_on_a_vietnamese_page(self, app):
        page = app.get("/vi/license/nd47-open-data").body
        assert "Dữ liệu mở của cơ quan nhà nước (Nghị định 47/2020/NĐ-CP, Điều 18)</h1>" in page

    def test_is_english_on_an_english_page(self, app):
        page = app.get("/en/license/nd47-open-data").body
        assert "state agencies (Decree 47/2020/NĐ-CP, Article 18)</h1>" in page

    @pytest.mark.ckan_config("ckan.locale_default", "vi")
    def test_follows_the_portal_where_nobody_asks(self):
        assert licence.title("vn-open-data-2023").startswith("Dữ liệu mở của cơ quan nhà nước")

    @pytest.mark.usefixtures("non_clean_db")
    def test_of_the_api_is_that_of_the_page(self, app, create):
        made = create(license_id="vn-open-data-2023")
        asked = "/vi/api/3/action/license_list"
        shown = {one["id"]: one for one in app.get(asked).json["result"]}
        assert shown[made["license_id"]]["title"].startswith("Dữ liệu mở")

    def test_of_an_unknown_licence_is_its_id(self):
        assert licence.title("khong-co") == "khong-co"

    def test_of_a_dataset_without_licence_is_nothing(self):
        assert licence.title_of({"license_id": None}) == ""

    def test_of_a_dataset_with_a_licence_of_a_wrong_kind_is_nothing(self):
        assert licence.title_of({"license_id": ["cc-by"]}) == ""

    def test_of_ckan_is_translated_by_ckan(self, app):
        with app.flask_app.test_request_context(), force_locale("vi"):
            assert licence.title("cc-by", "vi") == licence.title("cc-by")
        assert licence.title("cc-by", "en") == "Creative Commons Attribution"
