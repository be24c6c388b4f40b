"""What search engines and programs are told: sitemap, robots, the description of the API."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from openapi_spec_validator import validate

from ckan.tests.helpers import call_action

from ckanext.nd47.portal import sitemap

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(app, path):
    """Return what a list names."""
    tree = ET.fromstring(app.get(path, status=200).body)
    return [one.text or "" for one in tree.iter(f"{SPACE}loc")]


def listed(app):
    """Return every address of every list that the index names."""
    lists = addresses(app, "/sitemap.xml")
    paths = [one[one.index("/sitemap") :] for one in lists]
    return [address for path in paths for address in addresses(app, path)]


class TestSitemap:
    def test_names_public_datasets_only(self, app, create):
        shown, hidden, draft = create(), create(private=True), create(state="draft")
        gone = create()
        call_action("package_delete", id=gone["id"])
        found = "\n".join(listed(app))
        assert f"/dataset/{shown['name']}" in found
        for one in (hidden, draft, gone):
            assert one["name"] not in found

    def test_names_agencies_and_pages(self, app, create, department):
        create()
        found = listed(app)
        assert any(one.endswith(f"/organization/{department['name']}") for one in found)
        for page in sitemap.PAGES:
            assert any(one.endswith(page) for one in found)
            app.get(page, status=200)

    def test_is_in_parts(self, app, create, monkeypatch):
        names = {create()["name"] for _ in range(3)}
        monkeypatch.setattr(sitemap, "ROWS", 2)
        found = listed(app)
        datasets = [one.rpartition("/")[2] for one in found if "/dataset/b" in one]
        assert names <= set(datasets)
        assert len(datasets) == len(set(datasets))
        app.get(f"/sitemap-datasets-{sitemap.pages() + 1}.xml", status=404)
        app.get("/sitemap-datasets-0.xml", status=404)

    def test_is_answered_with_304_until_something_changes(self, app, create):
        dataset = create()
        mark = app.get("/sitemap.xml").headers["ETag"]
        app.get("/sitemap.xml", headers={"If-None-Match": mark}, status=304)
        call_action("package_patch", id=dataset["id"], private=True)
        app.get("/sitemap.xml", headers={"If-None-Match": mark}, status=200)

    def test_robots_are_told_of_it(self, app):
        body = app.get("/robots.txt").body
        assert "/sitemap.xml" in body
        assert "Disallow: /api/" in body


class TestOpenApi:
    def test_is_valid(self, app, create):
        create()
        validate(json.loads(app.get("/api/nd47/openapi.json", status=200).body))

    def test_is_valid_on_a_portal_without_data(self, app, monkeypatch):
        from_nothing = json.loads(app.get("/api/nd47/openapi.json", status=200).body)
        validate(from_nothing)

    def test_every_action_answers_to_visitors(self, app, create):
        create()
        described = json.loads(app.get("/api/nd47/openapi.json").body)
        for path, operations in described["paths"].items():
            asked = {
                parameter["name"]: parameter["example"]
                for parameter in operations["get"]["parameters"]
                if "example" in parameter
            }
            assert app.get(path, query_string=asked, status=200).json["success"] is True

    def test_examples_are_public(self, app, create):
        create()
        hidden = create(private=True)
        assert hidden["name"] not in app.get("/api/nd47/openapi.json").body
