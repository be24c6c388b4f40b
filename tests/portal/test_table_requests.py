"""Requests for the rows of a table: its own columns and values, and nothing that is not public."""

from __future__ import annotations

import ast
import json
import shlex
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from tests.support.databases import empty_database
from tests.support.loaded import client, only

PLUGINS = "nd47_portal nd47 nd47_l10n scheming_datasets scheming_organizations datastore"
QUOTED = "Phường \"Sông Lam\" 'A' $(id) `id` \\ {b}"
PROGRAMS = ("curl", "python", "r", "excel")

Make = Callable[..., str]


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, Any]]:
    """The options of the plugins with the DataStore on an empty database, once for a module."""
    with only(PLUGINS):
        empty_database()
        yield dict(tk.config)


@pytest.fixture(autouse=True)
def options(portal: dict[str, Any], ckan_config: Any) -> None:
    """Keep the options of the DataStore, whatever the configuration was reset to."""
    tk.config.update(portal)


@pytest.fixture(scope="module")
def app(portal: dict[str, Any]) -> CKANTestApp:
    """A client of the portal with the DataStore."""
    return client(PLUGINS)


@pytest.fixture(scope="module")
def make(portal: dict[str, Any]) -> Make:
    """Creates files, with a table if there are records, and returns their ids."""
    agency = factories.Organization(identifier="H99.07", agency_level="department")

    def made(*records: dict[str, Any], **fields: Any) -> str:
        dataset = call_action(
            "package_create",
            name=f"bang-{call_action('package_search', include_private=True)['count']}-x",
            title="Bảng",
            owner_org=agency["id"],
            **fields,
        )
        file = call_action(
            "resource_create",
            package_id=dataset["id"],
            name="Dân số theo xã",
            url="https://haison.example/a.csv",
            format="CSV",
        )
        if records:
            call_action(
                "datastore_create", resource_id=file["id"], records=list(records), force=True
            )
        return str(file["id"])

    return made


def programs(page: Any, name: str) -> list[str]:
    """Return the programs of a page in a language."""
    return [element.get_text() for element in page.select(f'code[data-nd47-program="{name}"]')]


def test_requests_name_a_column_and_a_value_of_the_table(browse, make):
    page = browse(f"/vi/developers/table/{make({'Xã': 'Kỳ Lâm', 'Dân số': 12})}")
    for name in PROGRAMS:
        rows, filtered, searched = programs(page, name)
        assert "limit" in rows
        assert "jones" not in filtered + searched
    curl = shlex.split(programs(page, "curl")[1].replace("\\\n", ""))
    assert f"filters={json.dumps({'Xã': 'Kỳ Lâm'}, ensure_ascii=False)}" in curl


def test_columns_have_their_labels(browse, make):
    file = make({"xa": "Kỳ Lâm", "dan_so": 12})
    fields = [
        {"id": "xa", "type": "text", "info": {"label": "Xã, phường", "notes": "Tên <b>gọi</b>"}},
        {"id": "dan_so", "type": "int4"},
    ]
    call_action("datastore_create", resource_id=file, fields=fields, force=True)
    page = browse(f"/vi/developers/table/{file}")
    rows = [[cell.get_text() for cell in row("th") + row("td")] for row in page.select("tbody tr")]
    assert rows == [
        ["xa", "Xã, phường", "text", "Tên <b>gọi</b>"],
        ["dan_so", "dan_so", "int4", ""],
    ]
    links = [link.get_text() for link in page.select('a[href*="datastore_search?"]')]
    assert any("Xã, phường" in link for link in links)


def test_addresses_answer_with_the_row(app, browse, make):
    page = browse(f"/vi/developers/table/{make({'Xã': QUOTED}, {'Xã': 'Khác'})}")
    links = [element["href"] for element in page.select('a[href*="datastore_search?"]')]
    found = []
    for link in links[:2]:
        parts = urlsplit(link)
        found.append(app.get(f"{parts.path}?{parts.query}").json["result"]["records"])
    assert [len(records) for records in found] == [2, 1]
    assert found[1][0]["Xã"] == QUOTED


def test_quotes_in_a_value_end_no_text_of_a_program(browse, make):
    page = browse(f"/vi/developers/table/{make({'Xã': QUOTED})}")
    wanted = json.dumps({"Xã": QUOTED}, ensure_ascii=False)
    curl = programs(page, "curl")[1]
    assert f"filters={wanted}" in shlex.split(curl.replace("\\\n", ""))
    texts = {
        node.value
        for node in ast.walk(ast.parse(programs(page, "python")[1]))
        if isinstance(node, ast.Constant)
    }
    assert wanted in texts
    for name in ("r", "excel"):
        address = programs(page, name)[1].split('"')[1]
        assert parse_qs(urlsplit(address).query)["filters"] == [wanted]


def test_a_table_of_numbers_has_the_first_rows_only(browse, make):
    page = browse(f"/vi/developers/table/{make({'nam': 2025, 'so': 1})}")
    assert len(programs(page, "curl")) == 1


def test_a_private_table_is_not_shown_to_visitors(app, make):
    file = make({"Xã": "Bí mật"}, private=True)
    answer = app.get(f"/vi/developers/table/{file}", status=404)
    assert "Bí mật" not in answer.body
    app.get(f"/datastore/api_info/{file}", status=404)


@pytest.mark.parametrize("name", ["khong-co", "_table_metadata", "%27"])
def test_what_is_no_file_has_no_page(app, make, name):
    app.get(f"/vi/developers/table/{name}", status=404)


def test_a_file_without_a_table_has_no_page(app, make):
    app.get(f"/vi/developers/table/{make()}", status=404)


def test_the_window_of_ckan_has_the_same_requests(app, make):
    body = app.get(f"/datastore/api_info/{make({'Xã': 'Kỳ Lâm'})}").body
    assert "Kỳ Lâm" in body
    assert "jones" not in body
    assert "API_TOKEN" not in body


def test_the_page_for_developers_leads_to_a_table(browse, make):
    file = make({"Xã": "Kỳ Lâm"})
    assert browse("/vi/developers").select(f'a[href$="/developers/table/{file}"]')


def test_the_description_of_the_api_has_a_table_as_its_example(app, make):
    file = make({"Xã": "Kỳ Lâm"})
    described = app.get("/api/nd47/openapi.json").json
    (parameter,) = [
        one
        for one in described["paths"]["/api/3/action/datastore_search"]["get"]["parameters"]
        if one["name"] == "resource_id"
    ]
    assert parameter["example"] == file
