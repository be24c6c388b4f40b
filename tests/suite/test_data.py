"""The data files: schemas and presets agree with the code, the lists and ckanext-dcat."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.data import data_path, data_root, read_yaml
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata.logic import geometry_validators, record_validators, validators

DATASET = read_yaml(data_path("schemas", "dataset.yaml"))
ORGANIZATION = read_yaml(data_path("schemas", "organization.yaml"))
OWN_PRESETS = {
    preset["preset_name"]: preset["values"]
    for preset in read_yaml(data_path("schemas", "presets.yaml"))["presets"]
}
SCHEMING_PRESETS = {
    preset["preset_name"]: preset["values"]
    for preset in json.loads((files("ckanext.scheming") / "presets.json").read_text())["presets"]
}
PRESETS = {**SCHEMING_PRESETS, **OWN_PRESETS}
DCAT_FULL = read_yaml(Path(str(files("ckanext.dcat") / "schemas" / "dcat_ap_full.yaml")))
CONTRACT_FIELDS = (
    "title name notes tag_string owner_org license_id version url identifier open_data_category "
    "theme sharing_class access_rights catalogue_entry applicable_legislation responsible_agency "
    "contact attribution usage_regulation frequency temporal_coverage spatial_coverage issued "
    "modified source_database provenance conforms_to version_notes language documentation "
    "quality_plan yearly_check personal_data_assessment security_assessment national_portal"
)


def walk(fields: list[dict[str, Any]], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each field and subfield with its presets filled in, and its path."""
    for field in fields:
        expanded = {**PRESETS.get(field.get("preset", ""), {}), **field}
        name = f"{path}{field['field_name']}"
        yield name, expanded
        yield from walk(expanded.get("repeating_subfields", []), f"{name}.")


FIELDS = [
    *walk(DATASET["dataset_fields"], "dataset."),
    *walk(DATASET["resource_fields"], "resource."),
    *walk(ORGANIZATION["fields"], "organization."),
]


class TestFields:
    def test_each_has_a_label_in_both_languages(self):
        for path, field in FIELDS:
            assert set(field["label"]) == {"vi", "en"}, path
            assert all(isinstance(text, str) and text.strip() for text in field["label"].values())

    def test_texts_for_people_are_in_both_languages(self):
        for path, field in FIELDS:
            for key in {"help_text", "repeating_label", "upload_label"} & set(field):
                assert set(field[key]) == {"vi", "en"}, path
                assert all(isinstance(text, str) for text in field[key].values()), path

    def test_each_preset_exists(self):
        named = {path: field["preset"] for path, field in FIELDS if field.get("preset")}
        assert {path for path, preset in named.items() if preset not in PRESETS} == set()

    def test_each_vocabulary_exists(self):
        for path, field in FIELDS:
            assert "vocabulary" not in field or vocabulary.get(field["vocabulary"]).terms, path

    def test_validators_exist(self):
        own = {
            name
            for module in (validators, geometry_validators, record_validators)
            for name in module.__all__
        }
        for path, field in FIELDS:
            for name in re.findall(r"([a-z_0-9]+)(?:\([^)]*\))?", field.get("validators", "")):
                if name.startswith("nd47_"):
                    assert name in own, path
                elif name not in {"unicode_safe", "clean_format"}:
                    assert tk.get_validator(name), path

    def test_every_plain_field_is_validated(self):
        """Without validators ckanext-scheming takes any structure, and the page shows it raw."""
        for path, field in FIELDS:
            assert "repeating_subfields" in field or field.get("validators"), path

    def test_names_can_be_indexed(self):
        """CKAN drops other characters from keys, and reads what ends in _date month-first."""
        for path, field in FIELDS:
            name = field["field_name"]
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name), path
            assert not name.endswith("_date") or field["preset"] == "nd47_date", path

    def test_groups_of_subfields_have_no_validators_of_their_own(self):
        """ckanext-scheming replaces them by those of the subfields, so they would never run."""
        for path, field in FIELDS:
            if "repeating_subfields" in field:
                assert not {"validators", "output_validators"} & set(field), path

    def test_contract_is_kept(self):
        names = {field["field_name"] for field in DATASET["dataset_fields"]}
        assert names == set(CONTRACT_FIELDS.split())

    def test_organisations_have_no_groups_of_subfields(self):
        """ckanext-scheming does not store them (its issue 303)."""
        assert not any("repeating_subfields" in field for field in ORGANIZATION["fields"])

    def test_form_has_two_titled_pages(self):
        """The first is what an officer types; the rest can be known or is for the few."""
        pages = [f["start_form_page"] for f in DATASET["dataset_fields"] if "start_form_page" in f]
        assert len(pages) == 2
        assert all(set(page["title"]) == {"vi", "en"} for page in pages)
        assert "start_form_page" in DATASET["dataset_fields"][0]

    def test_second_page_has_titled_sections(self):
        fields = DATASET["dataset_fields"]
        second = [i for i, f in enumerate(fields) if "start_form_page" in f][1]
        sections = [i for i, f in enumerate(fields) if "form_section" in f]
        assert sections[0] == second
        assert all(set(fields[i]["form_section"]["title"]) == {"vi", "en"} for i in sections)


class TestShapesOfCkanextDcat:
    DCAT = {field["field_name"]: field for field in DCAT_FULL["dataset_fields"]}
    OURS = {field["field_name"]: field for field in DATASET["dataset_fields"]}
    SHARED = sorted(set(DCAT) & set(OURS))

    def test_there_are_many(self):
        assert len(self.SHARED) > 20

    def test_shared_field_has_groups_of_subfields_where_dcat_has(self):
        for name in self.SHARED:
            ours = "repeating_subfields" in self.OURS[name]
            assert ours == ("repeating_subfields" in self.DCAT[name]), name

    @pytest.mark.parametrize("name", ["contact", "temporal_coverage", "spatial_coverage"])
    def test_shared_group_has_all_subfields_of_dcat(self, name):
        ours = {sub["field_name"] for sub in self.OURS[name]["repeating_subfields"]}
        assert {sub["field_name"] for sub in self.DCAT[name]["repeating_subfields"]} <= ours

    def test_shared_field_has_several_values_where_dcat_has(self):
        """`theme`, `language` and their like are lists in both."""
        lists = {"repeating_text_output", "nd47_values_output"}
        for name in self.SHARED:
            several = self.DCAT[name].get("preset") == "multiple_text"
            ours = {**PRESETS.get(self.OURS[name].get("preset", ""), {}), **self.OURS[name]}
            assert (ours.get("output_validators") in lists) == several, name


@pytest.mark.parametrize("name", ["dataset.yaml", "organization.yaml", "presets.yaml"])
def test_schema_files_are_in_nfc(name):
    text = data_path("schemas", name).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)


class TestReadYaml:
    def test_both_loaders_read_the_same(self):
        paths = sorted(data_root().glob("schemas/**/*.yaml"))
        assert len(paths) > 40
        for path in paths:
            assert read_yaml(path) == yaml.safe_load(path.read_text(encoding="utf-8")), path

    @pytest.mark.parametrize("text", ["a: [", "a: b: c", "\x00", "a: !!python/name:os.system"])
    def test_what_is_not_yaml_is_an_error(self, tmp_path: Path, text: str):
        path = tmp_path / "x.yaml"
        path.write_text(text)
        with pytest.raises(yaml.YAMLError):
            read_yaml(path)

    def test_a_file_of_somebody_else_cannot_end_the_process(self, tmp_path: Path):
        """libyaml recurses in C, and overflows its stack."""
        path = tmp_path / "x.yaml"
        path.write_text("[" * 200_000)
        with pytest.raises((yaml.YAMLError, RecursionError)):
            read_yaml(path)
