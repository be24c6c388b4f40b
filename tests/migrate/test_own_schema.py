"""Fields of a province's own schema are read as ours, and nothing is copied."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from rdflib import DCAT, DCTERMS, Graph, URIRef

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import helpers
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.metadata.compose.cli import schema as schema_command
from ckanext.nd47.migrate import proposal, run
from ckanext.nd47.migrate.cli import migrate
from tests.metadata.pages.test_foreign_forms import OWN_PRESETS, PROVINCES, tinh_don_vi
from tests.support.databases import empty_database
from tests.support.loaded import OURS, client, loaded

PLUGINS = f"{OURS} nd47_dcat dcat"
SCHEMA = PROVINCES / "plain.yaml"
PRESETS = {"scheming__presets": f"ckanext.scheming:presets.json {OWN_PRESETS.as_uri()}"}
CONTACT = "Nguyễn Văn A - 0912 345 678"
MONTHLY = URIRef("http://publications.europa.eu/resource/authority/frequency/MONTHLY")
VALUES = {"thang": "hang-thang", "quy": "hang-quy", "nam": "hang-nam"}


def compose(folder: Path, written: str, *more: str) -> tuple[Result, Path]:
    """Run `ckan nd47 schema compose --map`."""
    map_file, output = folder / "map.yaml", folder / "portal.yaml"
    map_file.write_text(written, encoding="utf-8")
    arguments = ["compose", "--map", str(map_file), "--output", str(output), *more]
    return CliRunner().invoke(schema_command, arguments), output


@pytest.fixture(scope="module")
def merged(services: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The proposed map and the schema that was composed with it, on the province's portal."""
    with loaded(PLUGINS, scheming__dataset_schemas=SCHEMA.as_uri(), **PRESETS):
        empty_database()
        output = tmp_path_factory.mktemp("map") / "map.yaml"
        done = CliRunner().invoke(migrate, ["map", "--schema", "--output", str(output)])
        assert done.exit_code == 0, done.output
        proposed = output.read_text(encoding="utf-8")
        done, file = compose(tmp_path_factory.mktemp("portal"), proposed)
        assert done.exit_code == 0, done.output
    return {"map": proposed, "schema": file}


@pytest.fixture(scope="module")
def loaded_portal(merged: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with loaded(PLUGINS, scheming__dataset_schemas=merged["schema"].as_uri(), **PRESETS) as wanted:
        empty_database()
        helpers.helper_functions["tinh_don_vi"] = tinh_don_vi
        factories.Organization(name="so-y-te", title="Sở Y tế", identifier="H99.31")
        yield wanted


@pytest.fixture
def portal(loaded_portal: dict[str, Any]) -> None:
    tk.config.update(loaded_portal)


@pytest.fixture
def app(portal: None) -> CKANTestApp:
    made = client()
    helpers.helper_functions["tinh_don_vi"] = tinh_don_vi
    return made


@pytest.fixture
def dataset(portal: None) -> dict[str, Any]:
    """A dataset of the province, in its own fields alone."""
    made = model.Package.get("cu")
    if made is None:
        return call_action(
            "package_create",
            name="cu",
            title="Số giường bệnh",
            owner_org=model.Group.get("so-y-te").id,  # pyright: ignore[reportOptionalMemberAccess]
            tan_suat="thang",
            lien_he=CONTACT,
            don_vi="so-y-te",
            resources=[{"url": "https://so.example/a.csv", "format": "CSV", "loai_tep": "bang"}],
        )
    return call_action("package_show", id="cu")


def extras() -> dict[str, str]:
    model.Session.rollback()
    package = model.Package.get("cu")
    assert package is not None
    return dict(package.extras)


def test_the_proposed_map_names_the_fields_and_values(merged):
    rows = yaml.safe_load(merged["map"])["schema"]
    assert {"from": "tan_suat", "to": "frequency", "values": VALUES} in rows
    assert {"from": "lien_he", "to": "contact"} in rows


def test_the_composed_schema_marks_them_and_does_not_add_ours(merged):
    fields = yaml.safe_load(merged["schema"].read_text(encoding="utf-8"))["dataset_fields"]
    by_name = {field["field_name"]: field for field in fields}
    assert by_name["tan_suat"]["nd47_field"] == "frequency"
    assert by_name["tan_suat"]["nd47_values"] == VALUES
    assert by_name["lien_he"]["nd47_field"] == "contact"
    assert not {"frequency", "contact"} & by_name.keys()
    assert "sharing_class" in by_name


def test_rules_understand_them(dataset):
    shown = call_action("package_show", id="cu")
    assert dataset_reader.text(shown, "frequency") == "hang-thang"
    assert dataset_reader.contacts(shown) == [{"name": "Nguyễn Văn A", "telephone": "0912 345 678"}]
    report = call_action("nd47_rule_check", id="cu", only_unmet=True)
    unmet = {finding["rule"] for finding in report["results"]}
    assert not {"frequency-stated", "feedback-contact"} & unmet


def test_the_export_understands_them(app, dataset):
    model.Session.rollback()
    graph = Graph().parse(data=app.get("/dataset/cu.ttl", status=200).text, format="turtle")
    assert (None, DCTERMS.accrualPeriodicity, MONTHLY) in graph
    [contact] = graph.objects(None, DCAT.contactPoint)
    assert "Nguyễn Văn A" in {str(value) for value in graph.objects(contact, None)}


def test_the_page_understands_them(app, dataset):
    page = app.get("/vi/dataset/cu", status=200).text
    assert "0912 345 678" in page


def test_nothing_was_copied(dataset, merged):
    stored = extras()
    assert (stored["tan_suat"], stored["lien_he"]) == ("thang", CONTACT)
    run.work(run.begin(merged["map"], {}, "").id)
    assert extras() == stored


def test_a_value_without_a_code_stays_a_value(dataset):
    shown = {**call_action("package_show", id="cu"), "tan_suat": "khi cần"}
    assert dataset_reader.text(shown, "frequency") == "khi cần"


def test_fields_that_are_read_are_not_proposed_again(dataset):
    rows = yaml.safe_load(proposal.propose(schema=True))
    assert not {"tan_suat", "lien_he"} & {str(row["from"]) for row in rows["schema"]}


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("schema: [{from: khong_co, to: frequency}]", "khong_co: the portal's schema"),
        ("schema: [{from: tan_suat, to: khong_co}]", "khong_co: the schema of nd47"),
        ("schema: [{from: tan_suat, to: frequency, values: {thang: sai}}]", "“sai” is no code"),
        ("schema: [{from: lien_he, to: title, values: {a: b}}]", "“b” is no code"),
        (
            "schema: [{from: tan_suat, to: frequency}, {from: lien_he, to: frequency}]",
            "tan_suat serves as frequency already",
        ),
        ("schema: [{from: tan_suat}]", "“schema” must be a list"),
        ("fields: []", "“schema” must be a list"),
        ("{", "cannot be read"),
    ],
)
def test_a_wrong_map_is_said(tmp_path, written, problem):
    done, output = compose(tmp_path, written, "--schema", str(SCHEMA))
    assert done.exit_code == 1
    assert problem in done.output
    assert not output.exists()


def test_the_same_file_is_a_map_for_datasets(dataset, merged):
    file = json.loads(json.dumps(yaml.safe_load(merged["map"])))
    assert file["schema"]
    call_action("nd47_migrate_rehearse", map=merged["map"])
