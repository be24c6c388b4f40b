"""A dataset or an agency that is broken in any way spoils nothing but itself.

Broken is what no form or action lets through, and what is found nevertheless in a database that
other software, an older version or a careless migration has written to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.store import maintenance
from tests.suite.test_hostile_requests import PLUGINS
from tests.suite.test_hostile_routes import addresses, read, wrong
from tests.support.databases import empty_database
from tests.support.loaded import client, loaded

SOUND = "Ban Lành mạnh"
SOUND_DATASET = "Ao chứa nước lành"

GROUPS = ("contact", "temporal_coverage", "spatial_coverage", "qualified_relation", "creator")
LISTS = ("language", "theme", "applicable_legislation", "conforms_to")
SINGLE = (
    "frequency",
    "access_rights",
    "sharing_class",
    "issued",
    "identifier",
    "responsible_agency",
)
SHAPES = (
    "{",
    "[",
    '"x"',
    "5",
    "null",
    '[null, 1, ["x"], {"a": []}]',
    '{"a": {"b": [1]}}',
    "http://[",
    "",
)


def _extras(names: tuple[str, ...], value: str) -> dict[str, Any]:
    return {"extras": json.dumps(dict.fromkeys(names, value))}


DATASETS: dict[str, dict[str, Any]] = {
    "no title": {"title": None},
    "empty title": {"title": ""},
    "no words": {"title": None, "notes": None, "license_id": None, "url": None, "version": None},
    "addresses": {"url": "http://[", "license_id": "http://[", "author_email": "\r\n<@"},
    "no moments": {"metadata_modified": None, "metadata_created": None},
    "first year": {"metadata_modified": "0001-01-01", "metadata_created": "0001-01-01"},
    "no type": {"type": None},
    "unknown type": {"type": "không-có"},
    "unknown state": {"state": "lạ"},
    "no state": {"state": None},
    "neither public nor private": {"private": None},
    "agency that is not there": {"owner_org": "không-có"},
    "no agency": {"owner_org": None},
    "no extras": {"extras": "{}"},
    "data of plugins": {"plugin_data": '{"nd47": [1]}'},
    "extras named as fields": _extras(
        ("id", "name", "title", "resources", "tags", "extras", "organization", "state", ""), "[{"
    ),
    **{f"all fields {shape}": _extras((*GROUPS, *LISTS, *SINGLE), shape) for shape in SHAPES},
}
"""Columns of the dataset by what is broken in it."""

FILES: dict[str, dict[str, Any]] = {
    "file without a name": {"name": None, "format": None, "created": None, "position": None},
    "file with an address that is none": {"url": "http://[", "format": "\r\n", "size": -1},
    "file with extras that are no JSON": {"extras": "{"},
    "file with extras that are a list": {"extras": "[1]"},
    "file with extras that are null": {"extras": "null"},
    "file with fields of another shape": {
        "extras": '{"language": {"a": 1}, "publication_method": [1], "access_services": "[{",'
        ' "checksum": 5, "issued": {}}'
    },
    "file with an unknown state": {"state": "lạ"},
}
"""Columns of a file of the dataset by what is broken in it."""

ORGANISATIONS: dict[str, dict[str, Any]] = {
    "no title": {"title": None, "description": None, "created": None},
    "address of a picture": {"image_url": "http://[", "approval_status": None},
    "unknown state": {"state": "lạ"},
    **{
        f"extras {shape}": _extras(("groups", "contact", "identifier", "email", "title"), shape)
        for shape in SHAPES
    },
}
"""Columns of the organisation by what is broken in it."""

ENTRIES: dict[str, dict[str, Any]] = {
    "codes": {"code": "\n[", "former_code": "]", "level": "lạ", "administrative_unit": "??"},
    "characters": {"legal_name": "\x01\x1f\uffff", "short_name": "\x0b"},
    "mailboxes": {"telephone": "x" * 5000, "email": "@", "url": "http://[", "address": "\x01"},
    "days": {"valid_from": "0001-01-01", "valid_to": "9999-12-31"},
    "ended": {"valid_from": "0001-01-01", "valid_to": "0001-01-01"},
    "names": {"legal_name": "", "sort_key": "", "folded": "", "short_name": "\u202e"},
    "code with markup": {"code": "<b>", "title_en": "%s {x}"},
}
"""Columns of the register's entry by what is broken in it."""

OFFICERS: dict[str, dict[str, Any]] = {
    "list in place of words": {"folded": "[1]"},
    "text in place of words": {"folded": '"x"'},
    "mailbox": {"email": "http://[", "telephone": "\n", "document_url": "http://["},
    "first day": {"valid_from": "0001-01-01"},
    "last day": {"valid_to": "9999-12-31"},
    "nothing": {"email": "", "position": "", "full_name": ""},
    "document": {"document_file": "không có.pdf", "document_date": "0001-01-01"},
}
"""Columns of a focal point by what is broken in it."""


def _write(table: str, values: dict[str, Any], key: str, identity: str) -> None:
    casts = {"extras": "jsonb", "plugin_data": "jsonb", "folded": "jsonb"}
    if table == "resource" or table == "nd47_agency":
        casts = {}
    typed = {
        name: f"cast(:{name} as {casts[name]})" if name in casts else f":{name}" for name in values
    }
    assignments = ", ".join(f"{name} = {value}" for name, value in typed.items())
    statement = sa.text(f'UPDATE "{table}" SET {assignments} WHERE {key} = :identity')  # noqa: S608
    model.Session.execute(statement, {**values, "identity": identity})


def _agency(number: int) -> dict[str, Any]:
    return factories.Organization(
        name=f"hong-{number}", title=f"Hỏng {number}", email="h@a.example"
    )


def _officer(agency: dict[str, Any]) -> dict[str, Any]:
    return call_action(
        "nd47_focal_point_create",
        agency=agency["id"],
        role="feedback",
        position="Văn phòng",
        email="a@so.example",
        valid_from="2020-01-01",
    )


def _dataset(name: str, owner: str, **fields: Any) -> dict[str, Any]:
    resources = [{"url": "https://tep.example/ho.csv", "format": "CSV", "name": "tệp"}]
    given = {"title": "Hỏng", "notes": "Hỏng", "resources": resources, **fields}
    return call_action("package_create", name=name, owner_org=owner, **given)


def _break_datasets(owner: str) -> None:
    for number, values in enumerate(DATASETS.values()):
        _write("package", values, "id", _dataset(f"hong-{number}", owner)["id"])
    for number, values in enumerate(FILES.values()):
        _write("resource", values, "package_id", _dataset(f"hong-tep-{number}", owner)["id"])


def _break_agencies() -> None:
    made: list[str] = []

    def new() -> str:
        made.append(_agency(len(made))["id"])
        _dataset(f"cua-hong-{len(made)}", made[-1], title=f"Của cơ quan hỏng {len(made)}")
        return made[-1]

    for values in ORGANISATIONS.values():
        _write("group", values, "id", new())
    for values in ENTRIES.values():
        _write("nd47_agency", values, "id", new())
    for values in OFFICERS.values():
        officer = _officer({"id": new()})
        _write("nd47_focal_point", values, "id", officer["id"])
    for column in ("parent_id", "successor_id"):
        one, other = new(), new()
        _write("nd47_agency", {column: one}, "id", other)
        _write("nd47_agency", {column: other}, "id", one)
    bare = new()
    model.Session.execute(sa.text("DELETE FROM nd47_agency WHERE id = :id"), {"id": bare})
    one, other = new(), new()
    member = sa.text(
        "INSERT INTO member (id, table_name, table_id, capacity, group_id, state)"
        " VALUES (:key, 'group', :one, 'public', :other, 'active')"
    )
    model.Session.execute(member, {"key": "m-1", "one": one, "other": other})
    model.Session.execute(member, {"key": "m-2", "one": other, "other": one})
    history = sa.text(
        "UPDATE nd47_history SET before = '[1]', after = '\"x\"' WHERE agency_id = :id"
    )
    model.Session.execute(history, {"id": new()})


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, str]]:
    """One sound agency with one sound dataset, among all that is broken."""
    with loaded(PLUGINS, ckan__locale_default="vi", ckan__search__solr_commit="false") as options:
        empty_database()
        owner = factories.Organization(title=SOUND, identifier="H99.02", email="a@so.example")
        officer = _officer(owner)
        _break_datasets(owner["id"])
        _break_agencies()
        model.Session.commit()
        sound = _dataset("lanh", owner["id"], title=SOUND_DATASET)
        model.Session.expunge_all()
        sysadmin = factories.SysadminWithToken()
        tk.config.update(options)
        search.rebuild(force=True, quiet=True)
        maintenance.refresh()
        yield {
            "id": sound["id"],
            "name": sound["name"],
            "organisation": owner["name"],
            "focal_point_id": officer["id"],
            "token": sysadmin["token"],
        }


@pytest.fixture(scope="module")
def app(portal: dict[str, str]) -> CKANTestApp:
    return client(PLUGINS)


def test_every_address_of_the_sound_answers(app, portal):
    failed: dict[str, str] = {}
    for rule in read(app):
        for one in addresses(rule, portal):
            if said := wrong(app.get, rule, one, headers={"Authorization": portal["token"]}):
                failed[one] = said
    assert not failed, "\n".join(f"{one}: {why}" for one, why in failed.items())


@pytest.mark.parametrize(
    "there",
    [
        "/dataset/",
        "/dataset/?q=lành",
        "/dataset/?sort=title_string+asc&ext_x=1",
        "/dataset/lanh",
        "/catalog.ttl?q=lành",
        "/dataset/lanh.ttl",
        "/dataset/lanh.jsonld",
        "/api/3/action/package_search?q=lành",
        "/api/3/action/package_show?id=lanh",
        "/feeds/dataset.atom",
    ],
)
def test_sound_dataset_is_shown_on(app, portal, there):
    page = app.get(there, status=200).get_data(as_text=True)
    assert SOUND_DATASET in (page.encode().decode("unicode_escape") if "/api/" in there else page)


@pytest.mark.parametrize(
    "there",
    [
        "/organization/",
        "/organization/?q=lành",
        "/dataset/lanh",
        "/focal-points",
        "/focal-points.csv",
        "/focal-points.json",
        "/focal-points?q=lành",
        "/api/3/action/nd47_agency_list?limit=1000",
        "/api/3/action/nd47_focal_point_list?limit=100",
        "/api/3/action/organization_list?all_fields=true&limit=1000",
    ],
)
def test_sound_agency_is_shown_on(app, portal, there):
    page = app.get(there, status=200).get_data(as_text=True)
    assert SOUND in page or json.dumps(SOUND)[1:-1] in page


@pytest.mark.parametrize(
    "there",
    [
        "/focal-points.xlsx",
        "/ckan-admin/agency-register/xlsx/agencies",
        "/ckan-admin/agency-register/xlsx/focal-points",
    ],
)
def test_sound_agency_is_in_the_spreadsheet(app, portal, there):
    reply = app.get(there, status=200, headers={"Authorization": portal["token"]})
    [sheet] = load_workbook(BytesIO(reply.data)).worksheets[:1]
    cells = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row}
    assert cells & {SOUND, "H99.02"}


def test_sound_dataset_is_in_the_catalogue(app, portal):
    found, page = "", 1
    while page < 20 and (reply := app.get(f"/catalog.ttl?page={page}")).status_code == 200:
        found += reply.get_data(as_text=True)
        page += 1
    assert SOUND_DATASET in found
