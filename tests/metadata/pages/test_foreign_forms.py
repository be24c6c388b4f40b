"""A form of any schema, opened and saved with nothing changed, changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import helpers, search
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action, reset_db

from ckanext.dcat import schemas as dcat_schemas
from ckanext.scheming import plugins as scheming_plugins

from tests.metadata.conftest import new_name
from tests.metadata.pages.test_pages import form_data
from tests.support.loaded import OURS, client, loaded

SCHEMING = Path(scheming_plugins.__file__).parent
DCAT = Path(dcat_schemas.__file__).parent
PROVINCES = Path(__file__).parents[1] / "province_schemas"
OWN_PRESETS = PROVINCES / "presets.yaml"
PRESETS = f"ckanext.scheming:presets.json ckanext.dcat.schemas:presets.yaml {OWN_PRESETS.as_uri()}"
BEFORE = "scheming_datasets dcat structured_data"
AFTER = f"{OURS} nd47_l10n nd47_dcat dcat"
FOREIGN_PRESETS = ("fluent_", "preset: dataset_series")
OLD_LICENCE = "giay-phep-cu"
"""A licence that the portal once had and does not offer today."""

VALUES: dict[str, Any] = {
    "title": "Số liệu",
    "notes": "Dòng một\r\n\r\nDòng hai",
    "url": "https://so.example/a",
    "tag_string": "dat-dai,quy-hoach",
    "license_id": "cc-by",
    "private": "False",
    "version": "2.0",
    "author": "Nguyễn Văn A",
    "author_email": "a@so.example",
    "maintainer": "Phòng Kỹ thuật",
    "maintainer_email": "kt@so.example",
    "format": "CSV",
    "name": "Tệp",
    "email": "a@so.example",
    "modified": "2024-03-02",
    "issued": "2024-03-01",
}
OLD_VALUE = "giá trị cũ"
"""A value that a list of a province had once and does not have today."""

UPSTREAM = (" url_type", " datetime", " datetime_date", " datetime_time", "extras")
"""Ends of what the forms of CKAN and ckanext-scheming 3.1 change by themselves, with or without the
suite: an empty kind of address for none, and date and time of a resource, which they cannot read
back. The extras stand one by one beside their sum."""

BY_PRESET: dict[str, Any] = {
    "dcat_date": "2024-01-02",
    "date": "2024-01-02",
    "datetime": "2024-01-02T03:04:00",
    "multiple_text": ["một", "hai"],
    "datetime_tz": "2024-01-02T03:04:00+07:00",
    "json_object": {"lớp": [1, "hai"]},
    "tinh_ngay": "2024-01-03",
}


def tinh_don_vi(field: dict[str, Any]) -> list[dict[str, str]]:
    """Return the choices that a plugin of a province gives for a field."""
    units = {"so-y-te": "Sở Y tế", "so-noi-vu": "Sở Nội vụ"}
    return [{"value": value, "label": label} for value, label in units.items()]


def schemas() -> list[Path]:
    """Return the example schemas of ckanext-scheming, those of ckanext-dcat, and of provinces.

    Without those whose presets come from ckanext-fluent or ckanext-dataset-series, of which the
    package index has no release for this CKAN.
    """
    texts = {
        path: path.read_text(encoding="utf-8")
        for folder in (SCHEMING, DCAT, PROVINCES)
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.json")])
    }
    return [
        path
        for path, text in texts.items()
        if "resource_fields" in text and not any(name in text for name in FOREIGN_PRESETS)
    ]


def value(field: dict[str, Any]) -> Any:
    """Return a value for a field, of the kind that its preset, snippet and validators name."""
    name, preset = field["field_name"], field.get("preset")
    if "repeating_subfields" in field:
        return [filled(field["repeating_subfields"])]
    if choices := field.get("choices") or field.get("choices_helper") and tinh_don_vi(field):
        chosen = choices[-1]["value"]
        return [chosen] if str(preset).startswith("multiple") else chosen
    if preset in BY_PRESET:
        return BY_PRESET[preset]
    if "number.html" in str(field.get("form_snippet")) or "int_" in str(field.get("validators")):
        return "12"
    return VALUES.get(name, f"giá trị {name}")


NOT_FILLED = frozenset({"owner_org", "in_series", "series_order_type", "series_order_field_name"})


def filled(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a value for every field."""
    return {
        field["field_name"]: value(field)
        for field in fields
        if field["field_name"] not in NOT_FILLED
        and field.get("form_snippet") != "upload.html"
        # ckanext-dcat shows such a list in a field for one text, which cannot hold it.
        and not (field.get("preset") == "multiple_text" and "form_snippet" in field)
    }


def of_before(fields: list[dict[str, Any]], stored: dict[str, Any]) -> dict[str, Any]:
    """Return stored values with those of lists changed to what the lists do not have today."""
    changed = dict(stored)
    for field in fields:
        name = field["field_name"]
        if "repeating_subfields" in field:
            groups = json.loads(stored[name]) if isinstance(stored[name], str) else stored[name]
            parts = [of_before(field["repeating_subfields"], group) for group in groups]
            changed[name] = _as(stored[name], parts)
        elif "choices" in field or "choices_helper" in field:
            several = str(field["preset"]).startswith("multiple")
            before = stored[name]
            known = json.loads(before) if several and isinstance(before, str) else list(before)
            changed[name] = _as(stored[name], [*known, OLD_VALUE]) if several else OLD_VALUE
    return changed


def _as(before: Any, value: Any) -> Any:
    """Return a value in the form in which another is stored: as it is, or as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(before, str) else value


def give_old_values(schema: dict[str, Any], dataset_id: str) -> None:
    """Store values in a dataset that the lists of its schema had once."""
    package = model.Package.get(dataset_id)
    assert package is not None
    package.extras = of_before(schema["dataset_fields"], package.extras)
    for resource in package.resources:
        resource.extras = of_before(schema["resource_fields"], resource.extras)
    model.Session.commit()
    search.rebuild(dataset_id)


def _columns(table: Any) -> Any:
    """Return the columns of a class that SQLAlchemy maps."""
    return sa.inspect(table).columns


def rows(dataset_id: str) -> dict[str, Any]:
    """Return what the tables hold of a dataset, without the time of its last change."""
    model.Session.expire_all()
    package = model.Package.get(dataset_id)
    assert package is not None
    columns = {c.name: getattr(package, c.name) for c in _columns(model.Package)}
    columns.pop("metadata_modified")
    resources = []
    for resource in package.resources:
        of_resource = {c.name: getattr(resource, c.name) for c in _columns(model.Resource)}
        of_resource.pop("metadata_modified")
        resources.append(of_resource)
    found = {
        **columns,
        **{f"extra {key}": value for key, value in package.extras.items()},
        "tags": sorted(tag.name for tag in package.get_tags()),
        **{
            f"resource {number} {key}": value
            for number, resource in enumerate(resources)
            for key, value in {**resource, **(resource["extras"] or {})}.items()
        },
    }
    return {key: value for key, value in found.items() if not key.endswith(UPSTREAM)}


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        filled = {name: _filled(part) for name, part in value.items()}
        return {name: part for name, part in filled.items() if part is not None}
    if isinstance(value, list):
        return [_filled(part) for part in value] or None
    return None if value in ("", "[]") else value


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return what differs, before and after; an empty value is as good as none."""
    names = before.keys() | after.keys()
    both = {name: (_filled(before.get(name)), _filled(after.get(name))) for name in names}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


@pytest.fixture(scope="module", params=schemas(), ids=lambda path: path.stem)
def schema(request: pytest.FixtureRequest) -> dict[str, Any]:
    """An example schema."""
    return {"path": request.param, **yaml.safe_load(request.param.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def stored(schema: dict[str, Any]) -> dict[str, Any]:
    """A dataset of the schema from before the suite came; with a licence that went since."""
    reset_db()
    options = {"scheming__dataset_schemas": schema["path"].as_uri(), "scheming__presets": PRESETS}
    with loaded(BEFORE, **options):
        helpers.helper_functions["tinh_don_vi"] = tinh_don_vi
        organisation = factories.Organization()
        dataset = call_action(
            "package_create",
            **{
                **filled(schema["dataset_fields"]),
                "name": new_name(),
                "type": schema["dataset_type"],
                "owner_org": organisation["id"],
                "resources": [filled(schema.get("resource_fields") or [])]
                if schema.get("resource_fields")
                else [],
            },
        )
        if any(f.get("form_snippet") == "license.html" for f in schema["dataset_fields"]):
            package = model.Package.get(dataset["id"])
            assert package is not None
            package.license_id = OLD_LICENCE
            model.Session.commit()
            search.rebuild(dataset["id"])
        if schema["path"].parent == PROVINCES:
            give_old_values(schema, dataset["id"])
    return dataset


@pytest.fixture(scope="module")
def portal(schema: dict[str, Any], stored: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The portal of the schema, with the suite."""
    options = {"scheming__dataset_schemas": schema["path"].as_uri(), "scheming__presets": PRESETS}
    with loaded(AFTER, **options) as wanted:
        helpers.helper_functions["tinh_don_vi"] = tinh_don_vi
        yield wanted


@pytest.fixture
def app(portal: dict[str, Any]) -> CKANTestApp:
    tk.config.update(portal)
    made = client()
    # Whenever an application is made, the helpers are collected from the plugins again.
    helpers.helper_functions["tinh_don_vi"] = tinh_don_vi
    return made


@pytest.fixture
def sysadmin(portal: dict[str, Any]) -> dict[str, Any]:
    return factories.SysadminWithToken()


def save(app: CKANTestApp, address: str, headers: dict[str, str]) -> None:
    """Open a form, and save it as it stands."""
    page = BeautifulSoup(app.get(address, headers=headers).get_data(as_text=True), "html.parser")
    for part in page.select("[name*='-INDEX0-']"):
        part.decompose()  # a pattern for new groups, which the script of the page takes out
    button = page.select_one("form.nd47-form button[name=save]")
    assert button is not None
    sent = {**form_data(page), "save": button["value"]}
    done = app.post(address, headers=headers, data=sent, follow_redirects=False)
    assert done.status_code == 302, BeautifulSoup(
        done.get_data(as_text=True), "html.parser"
    ).get_text(" ", strip=True)


def test_form_of_a_dataset_changes_nothing(app, portal, stored, sysadmin):
    before = rows(stored["id"])
    pages = tk.h.scheming_get_dataset_form_pages(stored["type"]) or []
    headers = {"Authorization": sysadmin["token"]}
    addresses = (
        [f"/{stored['type']}/edit/{stored['name']}/{n}" for n in range(1, len(pages) + 1)]
        if pages
        else [f"/{stored['type']}/edit/{stored['name']}"]
    )
    for address in addresses:
        save(app, address, headers)
    assert changes(before, rows(stored["id"])) == {}


def test_form_of_a_resource_changes_nothing(app, portal, stored, sysadmin):
    before = rows(stored["id"])
    headers = {"Authorization": sysadmin["token"]}
    for resource in stored["resources"]:
        save(app, f"/{stored['type']}/{stored['name']}/resource/{resource['id']}/edit", headers)
    assert changes(before, rows(stored["id"])) == {}


def test_update_by_api_changes_nothing(portal, stored):
    before = rows(stored["id"])
    shown = call_action("package_show", id=stored["id"], context={"ignore_auth": True})
    call_action("package_update", **shown)
    assert changes(before, rows(stored["id"])) == {}
