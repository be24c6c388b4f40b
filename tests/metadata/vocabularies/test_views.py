"""Code lists at their addresses."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from rdflib import RDF, Graph
from rdflib.namespace import SKOS

from ckanext.nd47.lib.vocabularies import vocabulary

pytestmark = pytest.mark.usefixtures("portal")


def path(vocabulary_id: str, code: str | None = None) -> str:
    """Return the path of an IRI, so that the test fails when it leads nowhere."""
    return vocabulary.iri(vocabulary_id, code).removeprefix("http://test.ckan.net")


class TestList:
    @pytest.mark.parametrize("vocabulary_id", vocabulary.ids())
    def test_has_a_page_at_its_iri(self, app, vocabulary_id):
        page = BeautifulSoup(app.get(path(vocabulary_id), status=200).body, "html.parser")
        assert page.select("h1")[0].get_text(strip=True)
        assert len(page.select("tbody tr")) == len(vocabulary.get(vocabulary_id))

    def test_page_is_in_the_language_of_the_reader(self, app):
        assert "Tần suất cập nhật" in app.get("/vi/vocabulary/frequency").body
        assert "Update frequency" in app.get("/en/vocabulary/frequency").body

    def test_page_marks_rows_that_nobody_checked(self, app):
        page = BeautifulSoup(app.get("/en/vocabulary/importance").body, "html.parser")
        (row,) = [row for row in page.select("tbody tr") if "du-lieu-khac" in row.get_text()]
        assert row.select_one(".nd47-status-unverified")

    def test_page_of_a_retired_row_links_all_that_followed(self, app):
        page = BeautifulSoup(app.get("/vocabulary/workflow-status/thu-hoi").body, "html.parser")
        links = {str(a["href"]).partition("/vocabulary/")[2] for a in page.select(".nd47-fields a")}
        assert {"publication-status/thu-hoi", "publication-status/tam-dung"} <= links

    @pytest.mark.parametrize(
        ("accept", "served"),
        [
            ("text/turtle", "text/turtle"),
            ("application/ld+json", "application/ld+json"),
            ("application/json", "application/json"),
            ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
            ("*/*", "text/html"),
            ("text/turtle;q=0.5, application/json", "application/json"),
        ],
    )
    def test_is_served_as_the_client_asks(self, app, accept, served):
        response = app.get(path("frequency"), headers={"Accept": accept}, status=200)
        assert response.content_type.split(";")[0] == served
        assert "Accept" in response.headers["Vary"]

    def test_is_not_served_as_what_it_is_not(self, app):
        assert app.get(path("frequency"), headers={"Accept": "image/png"}, status=406)

    @pytest.mark.parametrize(
        ("extension", "served"),
        [("ttl", "text/turtle"), ("jsonld", "application/ld+json"), ("json", "application/json")],
    )
    def test_is_served_by_extension(self, app, extension, served):
        response = app.get(f"{path('frequency')}.{extension}", status=200)
        assert response.content_type.split(";")[0] == served

    def test_turtle_names_the_iri_that_it_was_fetched_from(self, app):
        triples = Graph().parse(data=app.get("/vocabulary/frequency.ttl").body, format="turtle")
        (scheme,) = triples.subjects(RDF.type, SKOS.ConceptScheme)
        assert str(scheme) == vocabulary.iri("frequency")

    def test_is_not_sent_again_when_the_client_has_it(self, app):
        first = app.get("/vocabulary/frequency.ttl", status=200)
        again = {"If-None-Match": first.headers["ETag"]}
        assert app.get("/vocabulary/frequency.ttl", headers=again, status=304).body == ""

    @pytest.mark.parametrize(
        "name", ["no-such-list", "no-such-list.ttl", "frequency.pdf", "..%2fdataset", "frequency."]
    )
    def test_unknown_list_is_not_found(self, app, name):
        app.get(f"/vocabulary/{name}", status=404)

    def test_chosen_field_scheme_has_its_own_address(self, app):
        response = app.get("/vocabulary/field", follow_redirects=False)
        assert response.status_code == 302
        assert response.location.endswith("/vocabulary/field-national")


class TestTerm:
    @pytest.mark.parametrize(
        ("vocabulary_id", "code"),
        [("province", "91"), ("instrument", "nd-47-2020"), ("file-format", "JSON-LD")],
    )
    def test_has_a_page_at_its_iri(self, app, vocabulary_id, code):
        body = app.get(path(vocabulary_id, code), status=200).body
        assert vocabulary.label(vocabulary_id, code, "vi") in body

    def test_is_served_as_turtle(self, app):
        body = app.get("/vocabulary/province/91.ttl", status=200).body
        triples = Graph().parse(data=body, format="turtle")
        assert [str(subject) for subject in triples.subjects(RDF.type, SKOS.Concept)] == [
            vocabulary.iri("province", "91")
        ]

    def test_is_served_as_json(self, app):
        headers = {"Accept": "application/json"}
        data = app.get("/vocabulary/province/91", headers=headers, status=200).json
        assert data["columns"]["agency_code"] == "H01"

    def test_links_to_its_successor(self, app):
        page = BeautifulSoup(app.get("/en/vocabulary/province-old/kien-giang").body, "html.parser")
        assert page.select_one('dd a[href$="/vocabulary/province/91"]')

    @pytest.mark.parametrize("name", ["province/00", "province/91.pdf", "no-such-list/91"])
    def test_unknown_term_is_not_found(self, app, name):
        app.get(f"/vocabulary/{name}", status=404)

    def test_code_with_a_dot_is_found_before_an_extension(self, app, tmp_path, ckan_config):
        ckan_config["ckanext.nd47.vocabulary_folder"] = str(tmp_path)
        (tmp_path / "own.yaml").write_text(
            "id: own\ntitle: {vi: a, en: b}\nsource: c\nstatus: design\nterms:\n"
            "- {code: a.ttl, label: {vi: Một, en: One}, status: design}\n",
            encoding="utf-8",
        )
        assert "text/html" in app.get("/vocabulary/own/a.ttl", status=200).content_type
        assert "text/turtle" in app.get("/vocabulary/own/a.ttl.ttl", status=200).content_type


def test_index_lists_every_list(app):
    page = BeautifulSoup(app.get("/en/vocabulary", status=200).body, "html.parser")
    links = {str(link["href"]).rpartition("/")[2] for link in page.select("tbody a")}
    assert links == set(vocabulary.ids())
