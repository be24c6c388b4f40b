"""A portal that runs on a merged schema: page, licence, citation, rules and export as with ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph, URIRef

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.lib.data import data_path
from ckanext.nd47.metadata import dataset_reader, update_state
from ckanext.nd47.metadata.compose import files
from ckanext.nd47.metadata.compose.cli import schema as command
from tests.metadata.compose.test_compose import CAMELS, CLASHING, DCAT
from tests.metadata.conftest import new_name
from tests.support.databases import empty_database
from tests.support.loaded import OURS, client, loaded

PLUGINS = f"{OURS} nd47_dcat dcat"
ANNUAL = "http://publications.europa.eu/resource/authority/frequency/ANNUAL"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments])


def merged_file(folder: Path, reference: str, *choices: str) -> Path:
    """Merge a schema by the command, as an administrator does."""
    output = folder / "merged.yaml"
    with loaded(PLUGINS, scheming__dataset_schemas=reference):
        done = run(
            "compose", "--output", str(output), *[f"--choose={choice}" for choice in choices]
        )
    assert done.exit_code == 0, done.output
    return output


@pytest.fixture(scope="module")
def clashing_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("portal") / "clashing.yaml"
    path.write_text(files.dump(CLASHING), encoding="utf-8")
    return path


@pytest.fixture
def options(portal: dict[str, Any]) -> None:
    """Set what the class has loaded again, since CKAN resets the options before each test."""
    tk.config.update(portal)


@pytest.fixture
def app(options: None) -> CKANTestApp:
    """A client of the portal that the class has loaded."""
    return client()


class TestCommand:
    @pytest.fixture(autouse=True)
    def portal(self, clashing_file: Path) -> Iterator[None]:
        with loaded(PLUGINS, scheming__dataset_schemas=clashing_file.as_uri()):
            yield

    def test_conflicts_are_listed_with_their_choices(self, tmp_path):
        output = tmp_path / "merged.yaml"
        done = run("compose", "--output", str(output))
        assert done.exit_code == 3
        for name in ("theme", "frequency"):
            for choice in ("theirs", "ours", "rename"):
                assert f"--choose {name}={choice}" in done.output
        assert not output.exists()

    def test_merged_schema_is_written_with_the_next_steps(self, tmp_path):
        output = tmp_path / "merged.yaml"
        choices = ("--choose", "theme=rename", "--choose", "frequency=theirs")
        done = run("compose", "--output", str(output), *choices)
        assert done.exit_code == 0
        assert f"scheming.dataset_schemas = {output.as_uri()}" in done.output
        assert "search-index rebuild" in done.output
        assert "nd47_theme" in output.read_text(encoding="utf-8")

    def test_without_output_it_is_printed(self):
        done = run("compose", "--choose=theme=ours", "--choose=frequency=ours")
        assert done.stdout == files.dump(files.yaml.safe_load(done.stdout))

    def test_again_on_its_own_file_changes_nothing(self, tmp_path):
        output = tmp_path / "merged.yaml"
        run("compose", "--output", str(output), "--choose=theme=ours", "--choose=frequency=ours")
        first = output.read_bytes()
        done = run("compose", "--schema", str(output), "--output", str(output))
        assert done.exit_code == 0
        assert output.read_bytes() == first

    @pytest.mark.parametrize("choice", ["theme", "theme=mine", "=ours"])
    def test_choice_that_is_none_is_refused(self, choice):
        assert run("compose", "--choose", choice).exit_code in {1, 2}

    def test_missing_presets_are_pointed_out(self, tmp_path):
        presets = "ckanext.scheming:presets.json"
        with_own = {
            "scheming__presets": f"{presets} {data_path('schemas', 'presets.yaml').as_uri()}"
        }
        choices = ("--choose=theme=ours", "--choose=frequency=ours")
        done = run("compose", "--output", str(tmp_path / "a.yaml"), *choices)
        assert "scheming.presets" not in done.output
        with loaded("scheming_datasets", scheming__presets=presets):
            done = run("compose", f"--schema={CAMELS}", "--output", str(tmp_path / "b.yaml"))
        assert f"scheming.presets = {with_own['scheming__presets']}" in done.output

    def test_check_says_what_is_missing(self):
        done = run("check")
        assert done.exit_code == 1
        assert "sharing_class" in done.output

    def test_check_is_content_with_a_merged_schema(self, tmp_path):
        output = tmp_path / "merged.yaml"
        run("compose", "--output", str(output), "--choose=theme=ours", "--choose=frequency=ours")
        assert run("check", "--schema", str(output)).exit_code == 0

    def test_file_that_is_no_schema_is_said(self, tmp_path):
        path = tmp_path / "x.yaml"
        path.write_text("- a")
        done = run("compose", "--schema", str(path))
        assert (done.exit_code, "Traceback" in done.output) == (1, False)


def test_our_own_schema_is_complete_and_needs_no_merging():
    with loaded(OURS):
        assert run("check").exit_code == 0
        done = run("compose")
    assert (done.exit_code, "nothing to merge" in done.output) == (1, True)


@pytest.fixture(scope="module")
def full() -> dict[str, Any]:
    return {
        "title": "Danh sách trường tiểu học",
        "notes": "Mô tả",
        "sharing_class": "du-lieu-mo",
        "access_rights": "cong-khai",
        "license_id": "vn-open-data-2023",
        "identifier": f"H99-{new_name()}",
        "modified": "2025-09-01",
        "contact": [{"name": "Phòng Kế hoạch", "telephone": "1022"}],
        "resources": [{"url": "https://a.example/x.csv", "name": "Năm 2024", "period": "2024"}],
    }


def make(**fields: Any) -> dict[str, Any]:
    owner = factories.Organization(title="Sở Giáo dục và Đào tạo")
    return call_action("package_create", name=new_name(), owner_org=owner["id"], **fields)


def exported(dataset: dict[str, Any]) -> Graph:
    turtle = call_action("dcat_dataset_show", id=dataset["id"], format="ttl")
    return Graph().parse(data=turtle, format="turtle")


def concepts(graph: Graph) -> set[str]:
    """Return the ends of the addresses of our codes in an export."""
    nodes = {str(o) for o in graph.objects() if isinstance(o, URIRef)}
    return {node.rpartition("/")[2] for node in nodes if "/vocabulary/" in node}


def works_like_ours(app: Any, dataset: dict[str, Any], path: str) -> None:
    """Check what page, licence, citation, rules and export say of a dataset."""
    page = app.get(path, status=200).body
    assert "Phòng Kế hoạch" in page
    assert "1022" in page
    assert dataset_reader.openness(dataset) == "open"
    assert dataset["isopen"] is True
    assert "Danh sách trường tiểu học" in tk.h.nd47_citation(dataset)
    assert dataset["identifier"] in tk.h.nd47_citation(dataset)
    assert {"du-lieu-mo", "cong-khai"} <= concepts(exported(dataset))


@pytest.mark.usefixtures("options")
class TestRenamed:
    """Two of our names mean something else here; ours stand beside them."""

    @pytest.fixture(scope="class")
    @classmethod
    def portal(cls, tmp_path_factory, clashing_file) -> Iterator[dict[str, Any]]:
        folder = tmp_path_factory.mktemp("renamed")
        path = merged_file(folder, clashing_file.as_uri(), "theme=rename", "frequency=rename")
        with loaded(PLUGINS, scheming__dataset_schemas=path.as_uri()) as options:
            empty_database()
            yield options

    @pytest.fixture
    def dataset(self, full: dict[str, Any]) -> dict[str, Any]:
        return make(
            **{**full, "identifier": f"H99-{new_name()}"},
            theme="Của cổng",
            frequency=[{"number": "3", "unit": "năm"}],
            nd47_theme=["giao-duc"],
            nd47_frequency="hang-nam",
        )

    def test_both_are_kept(self, dataset):
        assert (dataset["theme"], dataset["nd47_theme"]) == ("Của cổng", ["giao-duc"])
        assert dataset["frequency"] == [{"number": "3", "unit": "năm"}]

    def test_ours_is_what_is_read(self, dataset):
        assert dataset_reader.codes(dataset, "theme") == ["giao-duc"]
        assert dataset_reader.text(dataset, "frequency") == "hang-nam"
        assert dataset_reader.field_name(dataset, "theme") == "nd47_theme"
        assert str(update_state.next_due(dataset)) == "2026-09-01"

    def test_ours_is_what_is_exported(self, dataset):
        graph = exported(dataset)
        assert {"giao-duc", "hang-nam"} <= concepts(graph)
        assert "Của cổng" not in {str(node) for node in graph.objects()}

    def test_page_citation_and_export_work(self, app, dataset):
        works_like_ours(app, dataset, f"/dataset/{dataset['name']}")

    def test_bad_value_is_refused_under_the_name_of_the_portal(self, full):
        with pytest.raises(tk.ValidationError) as refused:
            make(**full, nd47_theme=["khong-co"])
        assert set(refused.value.error_dict) == {"nd47_theme"}

    def test_record_in_the_database_holds_both(self, dataset):
        package = model.Package.get(dataset["id"])
        assert package
        assert package.extras["theme"] == "Của cổng"
        assert package.extras["nd47_theme"] == '["giao-duc"]'


@pytest.mark.usefixtures("options")
class TestDcat:
    @pytest.fixture(scope="class")
    @classmethod
    def portal(cls, tmp_path_factory) -> Iterator[dict[str, Any]]:
        path = merged_file(tmp_path_factory.mktemp("dcat"), DCAT)
        with loaded(PLUGINS, scheming__dataset_schemas=path.as_uri()) as options:
            empty_database()
            yield options

    @pytest.fixture
    def dataset(self, full: dict[str, Any]) -> dict[str, Any]:
        return make(
            **{**full, "identifier": f"H99-{new_name()}"},
            theme=["giao-duc"],
            frequency=ANNUAL,
            dcat_type="danh-sach",
        )

    def test_field_of_the_portal_serves(self, dataset):
        assert dataset_reader.codes(dataset, "theme") == ["giao-duc"]
        assert dataset_reader.text(dataset, "frequency") == "hang-nam"

    def test_page_citation_and_export_work(self, app, dataset):
        works_like_ours(app, dataset, f"/dataset/{dataset['name']}")

    def test_field_that_only_the_portal_has_stays(self, dataset):
        assert dataset["dcat_type"] == "danh-sach"

    def test_form_has_the_page_of_ours(self, app):
        token = factories.APIToken(user=factories.Sysadmin()["name"])["token"]
        dataset = make(title="A", notes="B")
        page = app.get(
            f"/dataset/edit/{dataset['name']}/2", headers={"Authorization": token}, status=200
        ).body
        assert 'name="sharing_class"' in page
        assert 'name="theme"' not in page

    def test_saving_what_was_shown_changes_nothing(self, dataset):
        assert call_action("package_update", **dataset) == dataset


@pytest.mark.usefixtures("options")
class TestCamels:
    """A type of its own, with fields of its own."""

    @pytest.fixture(scope="class")
    @classmethod
    def portal(cls, tmp_path_factory) -> Iterator[dict[str, Any]]:
        path = merged_file(tmp_path_factory.mktemp("camels"), CAMELS)
        # ckanext-dcat exports no type at all where there is no schema for the type `dataset`.
        both = f"{data_path('schemas', 'dataset.yaml').as_uri()} {path.as_uri()}"
        with loaded(PLUGINS, scheming__dataset_schemas=both) as options:
            empty_database()
            yield options

    @pytest.fixture
    def dataset(self, full: dict[str, Any]) -> dict[str, Any]:
        return make(
            **{**full, "identifier": f"H99-{new_name()}"},
            type="camel-photos",
            humps=2,
            category="hybrid",
            theme=["giao-duc"],
        )

    def test_page_citation_and_export_work(self, app, dataset):
        works_like_ours(app, dataset, f"/camel-photos/{dataset['name']}")

    def test_groups_are_put_in_order_without_naming_the_type(self, dataset):
        changed = call_action("package_patch", id=dataset["id"], contact={"name": "Văn phòng"})
        assert changed["contact"] == [{"name": "Văn phòng"}]
        assert (changed["humps"], changed["category"]) == ("2", "hybrid")

    def test_form_proposes_what_nothing_else_fills_in(self, dataset):
        assert not {"applicable_legislation", "language"} & set(dataset)
        asked = tk.h.scheming_get_dataset_schema("camel-photos")["dataset_fields"]
        proposed = tk.h.nd47_proposed(asked, {}, "camel-photos")
        assert proposed["applicable_legislation"]
        assert proposed["language"] == ["vi"]
