"""The texts of the terms of use: the files, what a portal changes, pages and RDF."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF

from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.lib.data import DataFileError, data_path, read_yaml
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import terms_of_use
from tests.metadata.conftest import PLUGINS

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.usefixtures("with_plugins"),
]

OWN = ["nd47-open-data", "vn-open-data-2023"]
SITE = "http://test.ckan.net"
GOOD = read_yaml(data_path("schemas", "terms", "nd47-open-data.yaml"))


@pytest.fixture
def folder(tmp_path: Path, ckan_config: dict[str, Any]) -> Path:
    """The folder of a portal's own terms."""
    ckan_config["ckanext.nd47.terms_folder"] = str(tmp_path)
    return tmp_path


def put(folder: Path, license_id: str, **changes: Any) -> Path:
    """Write a file of terms, that of Decree 47 with changes."""
    path = folder / f"{license_id}.yaml"
    path.write_text(yaml.safe_dump({**GOOD, "id": license_id, **changes}), encoding="utf-8")
    return path


def known(license_id: str) -> terms_of_use.Terms:
    """Return terms that are there."""
    found = terms_of_use.find(license_id)
    assert found
    return found


def text_of(page: str) -> str:
    """Return what a reader sees of a page, blanks made single."""
    return " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())


class TestFiles:
    @pytest.mark.parametrize("license_id", OWN)
    def test_are_good_and_in_nfc(self, license_id):
        path = data_path("schemas", "terms", f"{license_id}.yaml")
        assert terms_of_use.read(path).id == license_id
        assert unicodedata.is_normalized("NFC", path.read_text(encoding="utf-8"))

    @pytest.mark.parametrize("license_id", OWN)
    def test_name_an_instrument_of_the_list(self, license_id):
        found = known(license_id)
        assert vocabulary.term("instrument", found.instrument)

    @pytest.mark.parametrize("license_id", OWN)
    def test_say_that_the_text_is_to_be_retaken_from_the_gazette(self, license_id):
        found = known(license_id)
        assert (found.status, found.compared_with_gazette) == ("secondary", None)

    def test_decree_47_has_its_five_clauses(self):
        assert [clause.id for clause in known("nd47-open-data").clauses] == [
            "k1",
            "k2",
            "k3",
            "k4",
            "k5",
        ]

    def test_law_20_2023_has_clauses_3_to_6(self):
        assert [clause.id for clause in known("vn-open-data-2023").clauses] == [
            "k3",
            "k4",
            "k5",
            "k6",
        ]

    def test_only_decree_47_forbids_resale(self):
        texts = {one: terms_of_use.full_text(known(one), "vi") for one in OWN}
        assert "không được bán" in texts["nd47-open-data"]
        assert "bán" not in texts["vn-open-data-2023"]

    @pytest.mark.parametrize(
        ("day", "ended"), [(dt.date(2025, 8, 18), False), (dt.date(2025, 8, 19), True)]
    )
    def test_decree_47_ended_when_decree_194_began(self, day, ended):
        assert known("nd47-open-data").ended(day) is ended

    def test_law_20_2023_has_not_ended(self):
        assert known("vn-open-data-2023").ended(dt.date(2099, 1, 1)) is False

    @pytest.mark.parametrize("license_id", ["cc-by", "../instrument", "", "KHONG"])
    def test_nothing_is_known_of_another_licence(self, license_id):
        assert terms_of_use.find(license_id) is None


class TestFolderOfThePortal:
    def test_replaces_a_text(self, folder):
        put(folder, "nd47-open-data", compared_with_gazette="2026-12-01")
        found = known("nd47-open-data")
        assert found.compared_with_gazette == dt.date(2026, 12, 1)

    def test_adds_a_licence(self, folder):
        put(folder, "tinh-hai-son", open=False)
        assert "tinh-hai-son" in terms_of_use.ids()
        assert known("tinh-hai-son").open is False

    def test_change_is_seen_at_once(self, folder):
        put(folder, "nd47-open-data", source="một")
        assert known("nd47-open-data").source == "một"
        put(folder, "nd47-open-data", source="hai, dài hơn")
        assert known("nd47-open-data").source == "hai, dài hơn"

    def test_broken_file_leaves_the_text_of_the_package(self, folder, caplog):
        (folder / "nd47-open-data.yaml").write_text("id: [", encoding="utf-8")
        assert known("nd47-open-data").source == GOOD["source"]
        assert "Terms of the portal are not used" in caplog.text

    def test_folder_that_is_not_there_is_no_fault(self, ckan_config):
        ckan_config["ckanext.nd47.terms_folder"] = "/khong/co"
        assert terms_of_use.ids() == OWN

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"id": "khac"}, "id must be"),
            ({"title": {"vi": "chỉ tiếng Việt"}}, "title must give a text for vi and for en"),
            ({"title": {"vi": "a", "en": " "}}, "title must give"),
            ({"status": "certain"}, "status must be one of"),
            ({"clauses": {}}, "clauses must be a list"),
            ({"clauses": [{"id": "k1"}]}, "row 1 .k1.: clause is missing"),
            ({"clauses": ["k1"]}, "row 1: clauses must be a list of mappings"),
            ({"valid_to": "31/02/2025"}, "valid_to must be a date"),
            ({"notes": "một câu"}, "notes must be a list"),
            ({"gia_han": True}, "gia_han is not known"),
        ],
    )
    def test_fault_is_named(self, tmp_path, changes, problem):
        path = put(tmp_path, "nd47-open-data")
        path.write_text(yaml.safe_dump({**GOOD, **changes}), encoding="utf-8")
        with pytest.raises(DataFileError, match=problem):
            terms_of_use.read(path)

    @pytest.mark.parametrize("content", ["", "- a", "id: [", "\x00"])
    def test_file_that_is_no_mapping_is_refused(self, tmp_path, content):
        path = tmp_path / "x.yaml"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(DataFileError, match=r"x\.yaml"):
            terms_of_use.read(path)


class TestAddition:
    @pytest.fixture
    def both(self, ckan_config: dict[str, Any]) -> None:
        ckan_config["ckanext.nd47.terms_addition_vi"] = "Đoạn một\r\n\r\nĐoạn hai"
        ckan_config["ckanext.nd47.terms_addition_en"] = "Paragraph"

    @pytest.mark.usefixtures("both")
    def test_is_in_the_language_that_is_asked_for(self):
        law = known("vn-open-data-2023")
        assert terms_of_use.addition(law, "vi") == ["Đoạn một", "Đoạn hai"]
        assert terms_of_use.addition(law, "en") == ["Paragraph"]

    @pytest.mark.usefixtures("both")
    def test_does_not_touch_decree_47(self):
        assert terms_of_use.addition(known("nd47-open-data"), "vi") == []

    @pytest.mark.ckan_config("ckanext.nd47.terms_addition_vi", "Chỉ tiếng Việt")
    def test_one_language_stands_in_for_the_other(self):
        assert terms_of_use.addition(known("vn-open-data-2023"), "en") == ["Chỉ tiếng Việt"]

    def test_nothing_is_added_by_default(self):
        assert terms_of_use.addition(known("vn-open-data-2023"), "vi") == []

    @pytest.mark.ckan_config("ckanext.nd47.terms_addition_vi", "<script>alert(1)</script>")
    def test_html_is_shown_as_text(self, app):
        page = app.get("/license/vn-open-data-2023").body
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert(1)" not in page


class TestPage:
    @pytest.mark.parametrize("license_id", OWN)
    @pytest.mark.parametrize("lang", ["vi", "en"])
    def test_shows_every_clause_in_both_languages(self, app, license_id, lang):
        shown = text_of(app.get(f"/{lang}/license/{license_id}").body)
        for clause in known(license_id).clauses:
            assert clause.text["vi"] in shown
            assert clause.text["en"] in shown

    @pytest.mark.parametrize("license_id", OWN)
    def test_says_that_it_is_not_creative_commons(self, app, license_id):
        assert "không phải giấy phép Creative Commons" in text_of(
            app.get(f"/vi/license/{license_id}").body
        )

    def test_decree_47_is_said_to_have_ended(self, app):
        shown = text_of(app.get("/en/license/nd47-open-data").body)
        assert "In force until 18/08/2025 (Decree 194/2025/NĐ-CP, Article 40(2)(b))" in shown

    def test_law_in_force_is_not(self, app):
        assert "In force until" not in app.get("/en/license/vn-open-data-2023").body

    def test_that_a_text_is_unchecked_is_told_to_the_administrator_only(self, app):
        words = "not been compared with the official gazette"
        headers = {"Authorization": factories.SysadminWithToken()["token"]}
        page = "/en/license/nd47-open-data"
        assert words in app.get(page, headers=headers).body
        assert words not in app.get(page).body

    def test_checked_text_is_not(self, app, folder):
        put(folder, "nd47-open-data", compared_with_gazette="2026-12-01")
        headers = {"Authorization": factories.SysadminWithToken()["token"]}
        assert "not been compared with the official gazette" not in (
            app.get("/en/license/nd47-open-data", headers=headers).body
        )

    def test_of_another_licence_leads_to_its_terms(self, app):
        page = app.get("/en/license/cc-by").body
        assert 'href="https://creativecommons.org/licenses/by/4.0/"' in page

    @pytest.mark.parametrize(
        "path", ["khong-co", "khong-co.ttl", "cc-by.ttl", "nd47-open-data.exe", "%00", "a%2Fb"]
    )
    def test_of_an_unknown_licence_is_not_there(self, app, path):
        app.get(f"/license/{path}", status=404)


class TestRdf:
    def read(self, app: Any, path: str, **headers: str) -> Graph:
        """Fetch and parse a page; the type of the reply tells the parser."""
        reply = app.get(path, headers=headers)
        return Graph().parse(data=reply.body, format=reply.mimetype)

    @pytest.mark.parametrize("extension", ["ttl", "jsonld", "rdf"])
    def test_every_form_says_the_same(self, app, extension):
        graph = self.read(app, f"/license/nd47-open-data.{extension}")
        node = URIRef(f"{SITE}/license/nd47-open-data")
        assert (node, RDF.type, DCTERMS.LicenseDocument) in graph
        assert Literal(GOOD["title"]["vi"], lang="vi") in set(graph.objects(node, DCTERMS.title))
        assert (node, terms_of_use.CC.requires, terms_of_use.CC.Attribution) in graph
        assert graph.value(node, DCTERMS.source) == URIRef(
            f"{SITE}/vocabulary/instrument/nd-47-2020"
        )
        assert str(graph.value(node, DCTERMS.valid)) == (
            "start=2020-05-25; end=2025-08-18; scheme=W3C-DTF"
        )

    @pytest.mark.parametrize("wanted", ["text/turtle", "application/ld+json"])
    def test_address_gives_what_the_client_accepts(self, app, wanted):
        graph = self.read(app, "/license/vn-open-data-2023", Accept=wanted)
        assert (None, RDF.type, DCTERMS.LicenseDocument) in graph

    def test_browser_gets_the_page(self, app):
        accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        reply = app.get("/license/vn-open-data-2023", headers={"Accept": accept})
        assert reply.mimetype == "text/html"
        assert "Accept" in reply.headers["Vary"]

    @pytest.mark.ckan_config("ckanext.nd47.base_iri", "https://dulieu.haison.example/id/")
    def test_address_follows_the_base(self, app):
        graph = self.read(app, "/license/nd47-open-data.ttl")
        node = URIRef("https://dulieu.haison.example/id/license/nd47-open-data")
        assert (node, RDF.type, DCTERMS.LicenseDocument) in graph

    @pytest.mark.ckan_config("ckanext.nd47.base_iri", "https://dulieu.haison.example/id")
    @pytest.mark.usefixtures("services")
    def test_ckan_gives_the_same_address(self):
        known = {licence["id"]: licence["url"] for licence in call_action("license_list")}
        assert known["nd47-open-data"] == "https://dulieu.haison.example/id/license/nd47-open-data"
