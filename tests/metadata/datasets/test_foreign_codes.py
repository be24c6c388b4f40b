"""Codes, licences, formats and fields of other portals: mapped, kept in a draft, or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import rebuild
from ckan.tests.helpers import call_action

from ckanext.nd47.lib.vocabularies import vocabulary

pytestmark = pytest.mark.usefixtures("portal", "without_rules")

EU = "http://publications.europa.eu/resource/authority"


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("frequency", "http://purl.org/cld/freq/daily", "hang-ngay"),
        ("frequency", "https://purl.org/cld/freq/annual/", "hang-nam"),
        ("frequency", f"{EU}/frequency/ANNUAL", "hang-nam"),
        ("frequency", "IRREG", "khi-co-thay-doi"),
        ("frequency", "R/P1Y", "hang-nam"),
        ("frequency", "Hằng quý", "hang-quy"),
        ("theme", [f"{EU}/data-theme/EDUC"], ["giao-duc"]),
        ("theme", ["Giáo dục", "giao-duc"], ["giao-duc"]),
        ("language", [f"{EU}/language/VIE"], ["vi"]),
        ("language", ["eng", "vi-VN"], ["en", "vi"]),
        ("license_id", "CC-BY-4.0", "cc-by"),
        ("license_id", "cc-by-4.0", "cc-by"),
        ("license_id", "https://creativecommons.org/licenses/by/4.0/", "cc-by"),
        ("license_id", "http://www.creativecommons.org/licenses/by/4.0/deed.vi", "cc-by"),
        ("license_id", "http://www.opendefinition.org/licenses/cc-by", "cc-by"),
        ("license_id", "CC0-1.0", "cc-zero"),
        ("license_id", "Open Data Commons Open Database License (ODbL)", "odc-odbl"),
        ("license_id", f"{EU}/licence/ODC_BL", "odc-odbl"),
        ("license_id", "https://khac.example/license/nd47-open-data", "nd47-open-data"),
        ("access_rights", f"{EU}/access-right/PUBLIC", "cong-khai"),
    ],
)
def test_code_with_one_counterpart_is_mapped(create, field: str, sent: Any, stored: Any) -> None:
    assert create(**{field: sent})[field] == stored


@pytest.fixture
def hold():
    """Store a code in a published dataset as an older portal or another schema did."""

    def store(dataset: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
        package: Any = model.Package.get(dataset["id"])
        if field == "license_id":
            package.license_id = value
        else:
            text = json.dumps(value) if isinstance(value, list) else value
            package.extras = {**package.extras, field: text}
        model.Session.commit()
        rebuild(dataset["id"])
        return call_action("package_show", id=dataset["id"])

    return store


FOREIGN: list[tuple[str, Any]] = [
    ("frequency", f"{EU}/frequency/BIENNIAL"),
    ("theme", ["giao-duc", "http://inspire.ec.europa.eu/theme/au"]),
    ("language", [f"{EU}/language/ITA"]),
    ("license_id", "CC-BY-3.0"),
    ("license_id", "https://creativecommons.org/licenses/by/3.0/"),
    ("license_id", "cc by x"),
]


@pytest.mark.parametrize(("field", "sent"), FOREIGN)
def test_code_without_counterpart_is_refused_of_a_published_record(create, field, sent) -> None:
    with pytest.raises(tk.ValidationError) as refused:
        create(**{field: sent})
    assert set(refused.value.error_dict) == {field}


@pytest.mark.parametrize(("field", "sent"), FOREIGN)
def test_draft_keeps_it_until_it_is_published(create, field, sent) -> None:
    draft = create(state="draft", **{field: sent})
    assert draft[field] == sent
    again = call_action("package_patch", id=draft["id"], title="Tên khác")
    assert again[field] == sent
    with pytest.raises(tk.ValidationError) as refused:
        call_action("package_patch", id=draft["id"], state="active")
    assert set(refused.value.error_dict) == {field}


@pytest.mark.parametrize(("field", "sent"), FOREIGN)
def test_published_record_keeps_what_it_holds_and_takes_no_other(create, hold, field, sent) -> None:
    held = hold(create(), field, sent)
    again = call_action("package_update", **{**held, "title": "Tên khác"})
    assert (again["state"], again["title"], again[field]) == ("active", "Tên khác", sent)
    other = ["mã-khác"] if isinstance(sent, list) else "mã-khác"
    with pytest.raises(tk.ValidationError) as refused:
        call_action("package_patch", id=held["id"], **{field: other})
    assert "mã-khác" in str(refused.value.error_dict[field])
    assert call_action("package_show", id=held["id"])[field] == sent


def test_draft_with_a_code_that_was_mended_is_published(create) -> None:
    draft = create(state="draft", language=[f"{EU}/language/ITA"])
    made = call_action("package_patch", id=draft["id"], state="active", language=["vi"])
    assert (made["state"], made["language"]) == ("active", ["vi"])


@pytest.mark.parametrize(("field", "sent"), FOREIGN)
def test_draft_says_what_it_keeps_with_the_way_to_the_field(
    create, browse, officer, field, sent
) -> None:
    draft = create(state="draft", **{field: sent})
    page = browse(f"/dataset/{draft['name']}", headers=officer)
    (told,) = page.select(".nd47-kept-code")
    value = sent[-1] if isinstance(sent, list) else sent
    assert f"“{value}”" in told.get_text()
    assert told.a["href"].endswith(f"/dataset/edit/{draft['name']}#field-{field}")


def test_draft_says_it_of_a_code_of_a_file(create, browse, officer) -> None:
    file = {"url": "https://a.example/x", "language": [f"{EU}/language/ITA"]}
    draft = create(state="draft", resources=[file])
    told = browse(f"/dataset/{draft['name']}", headers=officer).select_one(".nd47-kept-code")
    assert told.a["href"].endswith(f"/resource/{draft['resources'][0]['id']}/edit#field-language")


def test_published_record_says_it_to_its_editors_alone(create, hold, browse, officer) -> None:
    held = hold(create(), "frequency", "http://x.example/moi-vu")
    address = f"/dataset/{held['name']}"
    assert browse(address, headers=officer).select_one(".nd47-kept-code")
    assert not browse(address).select_one(".nd47-kept-code")


def test_nothing_is_said_of_codes_that_are_known(create, browse, officer) -> None:
    made = create(frequency="hang-nam", theme=["giao-duc"], language=["vi"], license_id="cc-by")
    page = browse(f"/dataset/{made['name']}", headers=officer)
    assert not page.select_one(".nd47-kept-code")


def test_form_of_a_draft_shows_the_code_that_it_keeps(create, browse, officer) -> None:
    draft = create(state="draft", frequency="http://x.example/moi-vu")
    page = browse(f"/vi/dataset/new/{draft['name']}/1", headers=officer)
    assert page.select_one("#field-frequency option[selected]")["value"] == draft["frequency"]


def test_draft_keeps_nothing_that_cannot_be_stored(create) -> None:
    for code in ("a\x00b", "a" * 501, ["a"]):
        with pytest.raises(tk.ValidationError):
            create(state="draft", frequency=code)


@pytest.mark.parametrize(
    ("sent", "address", "stored", "media_type"),
    [
        ("text/csv; charset=utf-8", "https://a.example/x", "CSV", "text/csv"),
        (
            "https://www.iana.org/assignments/media-types/text/csv",
            "https://a.vn/x",
            "CSV",
            "text/csv",
        ),
        (f"{EU}/file-type/CSV", "https://a.example/x", "CSV", "text/csv"),
        (f"{EU}/file-type/WMS", "https://a.example/x", "WMS", None),
        ("application/zip", "https://a.example/x", "ZIP", "application/zip"),
        ("image/tiff", "https://a.example/x", "TIFF", "image/tiff"),
        ("Word", "https://a.example/x.doc", "DOC", "application/msword"),
        ("Excel", "https://a.example/x.xls?tai=1", "XLS", "application/vnd.ms-excel"),
        ("Excel", "https://a.example/x", "Excel", None),
        ("TAB", "https://a.example/x", "TAB", None),
        ("MapInfo TAB", "https://a.example/x.tab", "MapInfo-TAB", None),
        ("OData", "https://a.example/x", "OData", None),
        ("dgn", "https://a.example/x", "DGN", "image/vnd.dgn"),
        ("CSV, XLSX", "https://a.example/x", "CSV, XLSX", None),
    ],
)
def test_format_is_named_only_where_one_is_meant(create, sent, address, stored, media_type) -> None:
    made = create(resources=[{"url": address, "format": sent}])["resources"][0]
    assert (made["format"], made.get("mimetype")) == (stored, media_type)


def test_code_of_another_table_stands_for_one_row() -> None:
    for vocabulary_id in vocabulary.ids():
        rows = vocabulary.get(vocabulary_id)
        for row in rows:
            for one in row.also or ():
                assert vocabulary.recognise(vocabulary_id, one) == row.code


TRENTINO = {
    "publisher_name": "Provincia di Trento",
    "themes_aggregate": '[{"theme": "ECON", "subthemes": []}]',
    "license_type": "http://purl.org/adms/licencetype/Attribution",
    "isopen": True,
    "num_resources": 3,
    "metadata_created": "2014-01-01T00:00:00",
}


class TestUnknownFields:
    def extras(self, made: dict[str, Any]) -> dict[str, str]:
        return {one["key"]: one["value"] for one in made.get("extras", [])}

    def test_are_kept_as_extras(self, create) -> None:
        kept = dict(list(TRENTINO.items())[:3])
        assert self.extras(create(**TRENTINO)) == kept

    def test_are_kept_when_the_record_comes_again(self, create) -> None:
        made = create(**TRENTINO)
        sent = {"id": made["id"], "name": made["name"], "owner_org": made["owner_org"], **TRENTINO}
        again = call_action("package_update", **sent, title="Tên mới")
        assert self.extras(again) == self.extras(made)

    def test_structures_are_kept_as_json(self, create) -> None:
        assert self.extras(create(la="", co=["a"], sau={"b": 1})) == {
            "co": '["a"]',
            "sau": '{"b": 1}',
        }

    def test_extra_of_the_same_name_wins(self, create) -> None:
        made = create(license_type="a", extras=[{"key": "license_type", "value": "b"}])
        assert self.extras(made) == {"license_type": "b"}

    def test_nothing_is_added_where_a_record_is_saved_as_it_is_shown(self, create) -> None:
        made = create()
        assert call_action("package_update", **made) == made
        call_action("resource_create", package_id=made["id"], url="https://a.example/x")
        assert not self.extras(call_action("package_show", id=made["id"]))


class TestSeveralFormats:
    @pytest.mark.parametrize(
        "name", ["CSV, XLSX", "csv/json", "CSV; Excel", "CSV và PDF", "SHP + KML"]
    )
    def test_are_told_to_the_editor_with_the_way_to_the_field(
        self, create, browse, officer, name
    ) -> None:
        made = create(resources=[{"url": "https://a.example/x", "format": name, "name": "Bảng"}])
        address = f"/vi/dataset/{made['name']}"
        told = browse(address, headers=officer).select_one(".nd47-several-formats")
        assert made["resources"][0]["format"] in told.get_text()
        assert told.a["href"].endswith(f"/resource/{made['resources'][0]['id']}/edit#field-format")
        assert not browse(address).select_one(".nd47-several-formats")

    @pytest.mark.parametrize(
        "name", ["CSV", "MapInfo TAB", "Excel", "ESRI Shapefile", "R/Rds", "tự do, bản"]
    )
    def test_is_not_said_of_one_format(self, create, browse, officer, name) -> None:
        made = create(resources=[{"url": "https://a.example/x", "format": name}])
        page = browse(f"/vi/dataset/{made['name']}", headers=officer)
        assert not page.select_one(".nd47-several-formats")
