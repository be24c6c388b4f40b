"""Datasets from before: the plugin comes, they are shown, edited and saved, the plugin goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from rdflib import Graph

import ckan.plugins.toolkit as tk
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action, reset_db

from ckanext.nd47.metadata import dataset_reader
from tests.metadata.datasets.legacy import (
    BEFORE_DCAT,
    BEFORE_PLAIN,
    DATASETS,
    DCAT,
    DCAT_OPTIONS,
    PLAIN,
    WITH,
    content,
    make,
    rows,
)
from tests.metadata.pages.test_pages import form_data
from tests.support.loaded import client, loaded


class World:
    """Datasets made before the plugin, by kind, and what the database held of them then."""

    def __init__(self) -> None:
        reset_db()
        search.clear_all()
        with loaded(BEFORE_PLAIN):
            self.names = {kind: make(kind, **fields) for kind, fields in PLAIN.items()}
        with loaded(BEFORE_DCAT, **DCAT_OPTIONS):
            self.names["dcat"] = make("dcat", **DCAT)
        self.before = rows()


@pytest.fixture(scope="module")
def world(services: None) -> World:
    return World()


@pytest.fixture(scope="module")
def portal(world: World) -> Iterator[dict[str, Any]]:
    """The plugins, with the search index rebuilt as docs/install.md says."""
    with loaded(WITH) as options:
        search.rebuild()
        yield options


@pytest.fixture
def options(portal: dict[str, Any]) -> None:
    tk.config.update(portal)


@pytest.fixture
def app(options: None) -> CKANTestApp:
    return client()


@pytest.fixture(params=DATASETS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def name(world: World, kind: str) -> str:
    return world.names[kind]


def leaves(value: Any) -> set[str]:
    """Return the texts within a value, also within a text that is JSON."""
    if isinstance(value, str):
        try:
            inner = json.loads(value)
        except ValueError:
            return {value}
        return leaves(inner) if isinstance(inner, (dict, list)) else {str(inner)}
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return set().union(*map(leaves, value))
    return {str(value)}


def said(dataset: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a dataset that say anything; only these are shown by every schema."""
    found = {key: value for key, value in dataset.items() if value not in (None, "", [])}
    if "resources" in found:
        found["resources"] = [said(resource) for resource in found["resources"]]
    return found


def stored(name: str) -> dict[str, Any]:
    return rows()[name]


def shown(name: str) -> dict[str, Any]:
    return call_action("package_show", id=name)


@pytest.mark.usefixtures("options")
class TestInstalled:
    def test_nothing_in_the_database_has_changed(self, world):
        assert rows() == world.before

    def test_every_value_is_shown(self, world, kind, name):
        everything = leaves(shown(name))
        for value in world.before[name]["extras"].values():
            assert leaves(value) <= everything

    def test_page_shows(self, app, kind, name):
        page = app.get(f"/dataset/{name}", status=200).body
        assert f"Trường học {kind}" in page

    def test_search_finds(self, kind, name):
        found = call_action("package_search", q=f'title:"{kind}"')["results"]
        assert name in {one["name"] for one in found}

    def test_export_is_readable(self, kind, name):
        turtle = call_action("dcat_dataset_show", id=name, format="ttl")
        assert f"Trường học {kind}" in {str(o) for o in Graph().parse(data=turtle).objects()}

    def test_forms_of_dataset_and_resources_open(self, app, name):
        headers = {"Authorization": factories.APIToken(user=factories.Sysadmin()["name"])["token"]}
        for number in range(1, len(tk.h.scheming_get_dataset_form_pages("dataset")) + 1):
            app.get(f"/dataset/edit/{name}/{number}", headers=headers, status=200)
        for resource in shown(name)["resources"]:
            app.get(f"/dataset/{name}/resource/{resource['id']}/edit", headers=headers, status=200)
            app.get(f"/dataset/{name}/resource/{resource['id']}", status=200)

    def test_index_of_the_time_before_serves_as_well(self, world):
        """Until the search index is rebuilt, it has the datasets in the shape of before."""
        names = [world.names[kind] for kind in DATASETS]
        with loaded(BEFORE_PLAIN):
            for name in names:
                search.rebuild(name)
        with loaded(WITH):
            for name in names:
                old = shown(name)
                search.rebuild(name)
                assert said(old) == said(shown(name)), name


@pytest.mark.usefixtures("options")
class TestSaved:
    def test_saved_as_shown_nothing_changes(self, name):
        before = stored(name)
        call_action("package_update", **shown(name))
        assert stored(name) == before

    def test_patched_only_the_patch_changes(self, name):
        before = stored(name)
        call_action("package_patch", id=name, author="Trần Thị B")
        assert content(stored(name)) == {**content(before), "author": "Trần Thị B"}

    def test_saved_as_it_was_known_before_the_plugin(self, world, kind, name):
        """A program that learned the dataset under plain CKAN gives its extras as extras."""
        before = stored(name)
        known = {
            **{k: v for k, v in shown(name).items() if k not in before["extras"]},
            "extras": [{"key": k, "value": v} for k, v in before["extras"].items()],
            "author": "Lê C",
        }
        call_action("package_update", **known)
        assert content(stored(name)) == {**content(before), "author": "Lê C"}

    def test_resource_is_patched_alone(self, name):
        before = stored(name)
        for position, resource in enumerate(shown(name)["resources"]):
            call_action("resource_patch", id=resource["id"], description="Mô tả mới")
            after = stored(name)["resources"][position]
            # CKAN itself puts http:// before an address without, and guesses the media type.
            changed = {"description", "metadata_modified", "mimetype", "url"}
            kept = {k: v for k, v in after.items() if k not in changed}
            assert kept == {k: before["resources"][position][k] for k in kept}
            assert after["description"] == "Mô tả mới"
        assert stored(name)["extras"] == before["extras"]

    def test_resource_is_added(self, name):
        before = stored(name)
        call_action("resource_create", package_id=name, url="https://so.example/moi.csv")
        after = stored(name)
        assert (after["extras"], len(after["resources"])) == (
            before["extras"],
            len(before["resources"]) + 1,
        )

    def test_plugin_fills_in_nothing(self, name):
        """Else an edit would put old data under terms that they were not published under."""
        call_action("package_patch", id=name, author="Phạm D")
        for field in ("license_id", "sharing_class", "applicable_legislation"):
            assert shown(name).get(field) in (None, "", *_given(name, field))


@pytest.mark.usefixtures("options")
class TestForm:
    @pytest.fixture
    def officer(self) -> dict[str, str]:
        return {"Authorization": factories.APIToken(user=factories.Sysadmin()["name"])["token"]}

    def test_pages_saved_as_they_stand_change_nothing(self, app, officer, kind, name):
        before = stored(name)
        for number in range(1, len(tk.h.scheming_get_dataset_form_pages("dataset")) + 1):
            path = f"/dataset/edit/{name}/{number}"
            self.save(app, path, officer)
        assert filled(stored(name)) == filled(before)

    def save(self, app, path, officer):
        """Save a page of a form as a browser does that changes nothing but line ends."""
        page = BeautifulSoup(app.get(path, headers=officer, status=200).body, "html.parser")
        data = {
            key: [value.replace("\r\n", "\n").replace("\n", "\r\n") for value in values]
            for key, values in form_data(page).items()
        }
        data["save"] = ["go-metadata"]
        saved = app.post(path, headers=officer, data=data, follow_redirects=False)
        answer = BeautifulSoup(saved.body, "html.parser").select_one(".error-explanation")
        assert (saved.status_code, answer) == (302, None)

    def test_resource_saved_as_it_stands_changes_nothing(self, app, officer, name):
        before = stored(name)
        for resource in shown(name)["resources"]:
            path = f"/dataset/{name}/resource/{resource['id']}/edit"
            self.save(app, path, officer)
        for old, new in zip(before["resources"], stored(name)["resources"], strict=True):
            assert filled(new) == filled(old)


def filled(record_row: dict[str, Any]) -> dict[str, Any]:
    """Return what a row says; a form makes an empty text of what is missing."""
    found = {
        key: value
        for key, value in content(record_row).items()
        if value not in ("", "None") and key not in {"url_type", "mimetype", "last_modified"}
    }
    found["url"] = found.get("url", "").removeprefix("http://")
    if "resources" in found:
        found["resources"] = [filled(resource) for resource in found["resources"]]
    return found


def _given(name: str, field: str) -> list[Any]:
    old = {"license_id": ["cc-by"], "applicable_legislation": [DCAT["applicable_legislation"]]}
    return old.get(field, [])


@pytest.mark.usefixtures("options")
class TestTouched:
    """A value that is touched has to be good; what takes the place of an odd one replaces it."""

    def test_groups_take_the_place_of_a_text(self, world):
        name = world.names["text where groups are now"]
        saved = call_action("package_patch", id=name, contact=[{"name": "Văn phòng"}])
        assert saved["contact"] == [{"name": "Văn phòng"}]
        assert "contact" not in {extra["key"] for extra in saved["extras"]}

    def test_text_where_groups_are_now_can_be_taken_away(self, world):
        name = world.names["text where groups are now"]
        record_now = shown(name)
        extras = [e for e in record_now["extras"] if e["key"] != "temporal_coverage"]
        saved = call_action("package_update", **{**record_now, "extras": extras})
        assert "temporal_coverage" not in {extra["key"] for extra in saved["extras"]}
        assert "spatial_coverage" in {extra["key"] for extra in saved["extras"]}

    @pytest.mark.parametrize(
        ("field", "value"),
        [("issued", "31/02/2018"), ("frequency", "thỉnh thoảng"), ("conforms_to", ["a" * 501])],
    )
    def test_other_bad_value_is_refused(self, world, field, value):
        name = world.names["extras with our names"]
        with pytest.raises(tk.ValidationError) as refused:
            call_action("package_patch", id=name, **{field: value})
        assert set(refused.value.error_dict) == {field}

    def test_other_bad_period_is_refused(self, world):
        name = world.names["groups of another kind"]
        with pytest.raises(tk.ValidationError) as refused:
            call_action(
                "package_patch", id=name, temporal_coverage=[{"start": "2021", "end": "2020"}]
            )
        assert set(refused.value.error_dict) == {"temporal_coverage"}

    def test_unknown_subfields_move_with_their_group(self, world):
        name = world.names["groups of another kind"]
        groups = shown(name)["contact"]
        saved = call_action("package_patch", id=name, contact=[{"name": "Mới"}, *groups])
        assert saved["contact"] == [{"name": "Mới"}, *groups]
        assert saved["contact"][1]["fax"] == "1"


@pytest.mark.usefixtures("options")
class TestRead:
    """What the accessor makes of them."""

    def test_flat_extras_of_ckanext_dcat_are_groups(self, world):
        dataset = shown(world.names["flat extras of ckanext-dcat"])
        assert dataset_reader.contacts(dataset) == [
            {"name": "Phòng Kế hoạch", "email": "kh@so.example"}
        ]
        assert dataset_reader.groups(dataset, "temporal_coverage") == [
            {"start": "2020-01-01", "end": "2020-12-31"}
        ]

    def test_addresses_of_eu_tables_are_codes(self, world):
        dataset = shown(world.names["dcat"])
        assert dataset_reader.text(dataset, "frequency") == "hang-nam"
        assert dataset_reader.codes(dataset, "theme") == ["giao-duc", "tự do"]
        assert dataset_reader.codes(dataset, "language") == ["vi"]
        assert dataset_reader.openness(dataset) == "open"

    def test_contact_of_plain_ckan_is_the_focal_point(self, world):
        dataset = shown(world.names["core"])
        assert dataset_reader.contacts(dataset)[0].get("email") == "kt@so.example"

    def test_record_of_the_search_reads_the_same(self, world, name):
        (found,) = call_action("package_search", fq=f"name:{name}")["results"]
        assert dataset_reader.normal(found).keys() >= {"contact", "temporal_coverage"}
        assert dataset_reader.contacts(found) == dataset_reader.contacts(shown(name))


class TestRemoved:
    """Runs last: takes the plugins away again."""

    @pytest.fixture(scope="class")
    @classmethod
    def gone(cls, world: World) -> Iterator[dict[str, Any]]:
        before = rows()
        with loaded(BEFORE_PLAIN) as options:
            search.rebuild()
            yield {"rows": before, "options": options}

    @pytest.fixture(autouse=True)
    def plain(self, gone: dict[str, Any]) -> None:
        tk.config.update(gone["options"])

    def test_nothing_in_the_database_has_changed(self, gone):
        assert rows() == gone["rows"]

    def test_every_extra_is_shown_as_it_is_stored(self, name):
        extras = {extra["key"]: extra["value"] for extra in shown(name)["extras"]}
        assert extras == stored(name)["extras"]

    def test_every_extra_of_before_is_still_there(self, world, kind, name):
        replaced = {"text where groups are now": {"contact", "temporal_coverage"}}
        untouched = {
            key: value
            for key, value in world.before[name]["extras"].items()
            if key not in replaced.get(kind, set())
            and not (kind == "groups of another kind" and key == "contact")
        }
        assert untouched.items() <= stored(name)["extras"].items()

    def test_saving_works(self, name):
        before = stored(name)
        call_action("package_patch", id=name, author="Đỗ E")
        assert content(stored(name)) == {**content(before), "author": "Đỗ E"}
