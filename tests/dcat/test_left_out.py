"""Fields that the export has no property for are named, with the number of their datasets."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from bs4 import BeautifulSoup
from click.testing import CliRunner
from sqlalchemy import event

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat import health
from ckanext.nd47.dcat.cli import dcat_commands
from ckanext.nd47.dcat.rdf import exported
from ckanext.nd47.dcat.store import left_out
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.fields import dataset_fields
from tests.dcat.portal import app, content, dataset, department, portal, small_pages

__all__ = ["app", "department", "portal", "small_pages"]

PAGE = "/ckan-admin/nd47-dcat"
NOT_SAID = {"tag_string", "homepage"}
"""Fields of schemas that are no extras, or that ckanext-dcat itself writes nothing of."""
pytestmark = pytest.mark.usefixtures("portal")


def extras(**values: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


@pytest.fixture(scope="module", autouse=True)
def datasets(department: dict[str, Any]) -> list[dict[str, Any]]:
    """Three public datasets with extras, and a private one."""
    file = {
        "url": "https://tep.example/a.csv",
        "format": "CSV",
        "original_filename": "Bảng giá.csv",
    }
    made = [
        dataset(department, extras=extras(so_cu="A1", hop="3", contact_fax="1")),
        dataset(department, extras=extras(so_cu="A2", trong="")),
        dataset(
            department,
            extras=extras(spatial_text="Xã A", alternate_identifier="x"),
            resources=[{**file, "ky_hieu": "K1"}, {**file, "ky_hieu": "K2", "rights": "nội bộ"}],
        ),
    ]
    hidden = dataset(department, extras=extras(so_cu="A3", rieng="x"))
    call_action("package_patch", id=hidden["id"], private=True)
    return made


COUNTS = {"so_cu": 2, "contact_fax": 1, "hop": 1, "resources.ky_hieu": 1, "resources.rights": 1}


def counted() -> dict[str, int]:
    model.Session.rollback()
    return {field["field"]: field["datasets"] for field in left_out.fields()}


def test_free_extras_are_counted_by_public_dataset():
    assert counted() == COUNTS


def test_those_of_most_datasets_come_first():
    assert [field["field"] for field in left_out.fields()][:2] == ["so_cu", "contact_fax"]


def test_the_command_lists_them_and_ends_as_before():
    run = CliRunner().invoke(dcat_commands, ["check"])
    assert run.exit_code == 0
    assert "so_cu: not exported, in 2 datasets" in run.output
    told = json.loads(CliRunner().invoke(dcat_commands, ["check", "--json"]).stdout)
    assert {field["field"]: field["datasets"] for field in told["left_out"]} == COUNTS


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_page_lists_them(app: CKANTestApp, lang: str):
    token = factories.SysadminWithToken()["token"]
    answer = app.get(f"/{lang}{PAGE}", headers={"Authorization": token}, status=200)
    rows = [
        row.get_text(" ", strip=True)
        for row in BeautifulSoup(answer.text, "html.parser").select("main tr, [role=main] tr")
    ]
    assert "so_cu 2" in rows


def test_the_doctor_reads_them():
    state = health.look()
    assert state is not None
    assert {field["field"]: field["datasets"] for field in state.left_out} == COUNTS


def test_their_number_does_not_multiply_statements(department: dict[str, Any]):
    def statements() -> int:
        sent: list[str] = []
        engine: Any = model.meta.engine

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            left_out.fields()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(sent)

    before = statements()
    more = [dataset(department, extras=extras(**{f"them_{n}": "x"})) for n in range(3)]
    assert statements() == before == 2
    for one in more:
        call_action("package_delete", id=one["id"])


def test_broken_extras_of_a_resource_spoil_nothing(datasets: list[dict[str, Any]]):
    resource = model.resource_table
    row = resource.c.package_id == datasets[0]["id"]
    broken = sa.update(resource).where(row)
    model.Session.execute(
        sa.text("UPDATE resource SET extras = '{hỏng' WHERE package_id = :id"),
        {"id": datasets[0]["id"]},
    )
    model.Session.commit()
    assert counted() == COUNTS
    model.Session.execute(broken.values(extras={}))
    model.Session.commit()


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_what_is_named_is_not_in_the_export(datasets: list[dict[str, Any]], name: str):
    values = {"so_cu": "A1", "hop": '"3"', "resources.ky_hieu": "K1", "resources.rights": "nội bộ"}
    whole = "".join(content(one["id"]) for one in datasets)
    assert f'"{values.get(name, "fax")}"' not in whole


@pytest.mark.parametrize("value", ['"x"', "Xã A"])
def test_what_is_not_named_is(datasets: list[dict[str, Any]], value: str):
    assert value in content(datasets[2]["id"])


def schemas() -> dict[str, dict[str, Any]]:
    full = files("ckanext.dcat.schemas") / "dcat_ap_full.yaml"
    return {
        "ours": read_yaml(data_path("schemas", "dataset.yaml")),
        "dcat_ap_full": yaml.safe_load(full.read_text(encoding="utf-8")),
    }


@pytest.mark.parametrize("name", ["ours", "dcat_ap_full"])
def test_no_field_of_the_suite_or_of_ckanext_dcat_is_named(name: str):
    schema, known = schemas()[name], exported.fields()
    fields = {field["field_name"] for field in schema["dataset_fields"]}
    assert fields - known.dataset <= NOT_SAID
    assert {one["field_name"] for one in schema["resource_fields"]} - known.resource <= {"rights"}


def test_a_field_of_an_own_schema_that_serves_as_ours_is_not_named(
    datasets: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    schema = {
        "dataset_fields": [
            {"field_name": "so_cu", "nd47_field": "frequency"},
            {"field_name": "frequency"},
        ]
    }
    monkeypatch.setattr(dataset_fields, "scheming_get_dataset_schema", lambda kind: schema)
    assert "so_cu" not in counted()
