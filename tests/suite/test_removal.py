"""Nothing is altered by installing the suite, nor by taking it out of `ckan.plugins` again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.cli.db import _run_migrations  # pyright: ignore[reportPrivateUsage] # what `ckan db` runs
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import call_action, reset_db

from ckanext.nd47.agencies import migrated
from ckanext.nd47.desk.work_list import model as tables
from ckanext.nd47.tables.check_jobs import model as file_checks
from ckanext.nd47.tables.decisions import model as decisions
from ckanext.nd47.tables.links import model as links
from tests.metadata.conftest import new_name
from tests.support.loaded import OURS, client, loaded

OWN_SCHEMA = """
scheming_version: 2
dataset_type: dataset
about: Lược đồ của tỉnh
about_url: https://tinh.example
dataset_fields:
- {field_name: title, label: Tên}
- {field_name: name, label: Đường dẫn, preset: dataset_slug}
- {field_name: owner_org, label: Cơ quan, preset: dataset_organization}
- {field_name: lien_he, label: Liên hệ}
- field_name: tan_suat
  label: Tần suất
  preset: select
  choices: [{value: nam, label: Hằng năm}, {value: quy, label: Hằng quý}]
- {field_name: linh_vuc, label: Lĩnh vực}
resource_fields:
- {field_name: url, label: Tệp, preset: resource_url_upload}
- {field_name: format, label: Định dạng, preset: resource_format_autocomplete}
"""
DCAT = {
    "scheming__dataset_schemas": "ckanext.dcat.schemas:dcat_ap_full.yaml",
    "scheming__presets": "ckanext.scheming:presets.json ckanext.dcat.schemas:presets.yaml",
}
CONTACTS = [
    {"key": "email", "value": "Vanthu@SO.example "},
    {"key": "telephone", "value": "Điện thoại: 0236.3822.999"},
    {"key": "identifier", "value": "h99-02"},
    {"key": "fax", "value": "0236 1"},
]
OWN_EXTRAS = [{"key": "so_quyet_dinh", "value": "12/QĐ"}, {"key": "frequency", "value": "khi có"}]
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("", {"extras": OWN_EXTRAS, "maintainer": "Phòng Kỹ thuật", "license_id": "cũ"}),
    "own schema": (
        "scheming_datasets dcat",
        {"lien_he": "Nguyễn Văn A - 0912 345 678", "tan_suat": "nam", "linh_vuc": "đất đai"},
    ),
    "dcat_ap_full": (
        "scheming_datasets dcat harvest ckan_harvester",
        {"notes": "Mô tả", "contact": [{"name": "Phòng A"}], "theme": ["một"]},
    ),
}


def dump() -> dict[str, list[Any]]:
    """Return every row of every table that is not the suite's."""
    model.Session.commit()
    model.Session.remove()
    tables = model.Session.scalars(
        sa.text(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'nd47%'"
        )
    ).all()
    return {
        table: list(
            model.Session.scalars(
                sa.text(f'SELECT to_jsonb(t) FROM "{table}" t ORDER BY to_jsonb(t)::text')  # noqa: S608 - names of tables
            )
        )
        for table in tables
    }


def populate(given: dict[str, Any]) -> dict[str, Any]:
    user = factories.User()
    owner = factories.Organization(
        extras=CONTACTS, users=[{"name": user["name"], "capacity": "admin"}]
    )
    factories.Group(extras=[{"key": "email", "value": "nhom@so.example"}])
    call_action(
        "package_create",
        name=new_name(),
        title="Số liệu",
        owner_org=owner["id"],
        resources=[{"url": "https://so.example/a.csv", "format": "CSV"}],
        **given,
    )
    return owner


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize("kind", KINDS)
def test_installed_and_removed_every_row_is_as_before(kind: str, tmp_path: Path) -> None:
    plugins, given = KINDS[kind]
    options = DCAT if kind == "dcat_ap_full" else {}
    if kind == "own schema":
        schema = tmp_path / "tinh.yaml"
        schema.write_text(OWN_SCHEMA, encoding="utf-8")
        options = {**DCAT, "scheming__dataset_schemas": schema.as_uri()}
    reset_db()
    search.clear_all()
    with loaded(plugins, **options):
        if "harvest" in plugins:
            _run_migrations("harvest")
        owner = populate(given)
        before, shown = dump(), call_action("organization_show", id=owner["id"])
    rest = " ".join(name for name in plugins.split() if name not in ("scheming_datasets", "dcat"))
    with loaded(
        f"nd47_tables nd47_catalogue nd47_desk {OURS} nd47_l10n nd47_dcat dcat {rest}".strip(),
        **options,
    ):
        _run_migrations("nd47", "base", forward=False)
        assert dump() == before
        _run_migrations("nd47")
        migrated.reset()
        tables.reset()
        for file_tables in (file_checks, decisions, links):
            file_tables.reset()
        app = client()
        for address in ("/", "/dataset/", f"/organization/{owner['name']}", "/catalog.ttl"):
            app.get(address, status=200)
        entry = call_action("nd47_agency_show", id=owner["id"])
        assert entry["email"]
        assert dump() == before
    with loaded(plugins, **options):
        assert dump() == before
        assert call_action("organization_show", id=owner["id"]) == shown
