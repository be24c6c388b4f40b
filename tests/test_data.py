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

from ckanext.nd47.lib import vocabulary
from ckanext.nd47.lib.data import data_path, data_root, read_yaml
from ckanext.nd47.metadata.logic import record_validators, validators

DATASET = yaml.safe_load(data_path("schemas", "dataset.yaml").read_text(encoding="utf-8"))
ORGANIZATION = yaml.safe_load(data_path("schemas", "organization.yaml").read_text(encoding="utf-8"))
OWN_PRESETS = {
    preset["preset_name"]: preset["values"]
    for preset in yaml.safe_load(data_path("schemas", "presets.yaml").read_text(encoding="utf-8"))[
        "presets"
    ]
}
SCHEMING_PRESETS = {
    preset["preset_name"]: preset["values"]
    for preset in json.loads((files("ckanext.scheming") / "presets.json").read_text())["presets"]
}
PRESETS = {**SCHEMING_PRESETS, **OWN_PRESETS}
DCAT_FULL = yaml.safe_load((files("ckanext.dcat") / "schemas" / "dcat_ap_full.yaml").read_text())
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
each_field = pytest.mark.parametrize(("path", "field"), FIELDS, ids=[path for path, _ in FIELDS])


class TestFields:
    @each_field
    def test_has_a_label_in_both_languages(self, path, field):
        assert set(field["label"]) == {"vi", "en"}
        assert all(isinstance(text, str) and text.strip() for text in field["label"].values())

    @each_field
    def test_texts_for_people_are_in_both_languages(self, path, field):
        for key in ("help_text", "repeating_label", "upload_label"):
            if key in field:
                assert set(field[key]) == {"vi", "en"}
                assert all(isinstance(text, str) for text in field[key].values())

    @each_field
    def test_preset_exists(self, path, field):
        assert field.get("preset") is None or field["preset"] in PRESETS

    @each_field
    def test_vocabulary_exists(self, path, field):
        assert "vocabulary" not in field or vocabulary.get(field["vocabulary"]).terms

    @each_field
    def test_validators_exist(self, path, field):
        for name in re.findall(r"([a-z_0-9]+)(?:\([^)]*\))?", field.get("validators", "")):
            if name.startswith("nd47_"):
                assert name in (*validators.__all__, *record_validators.__all__)
            elif name not in {"unicode_safe", "clean_format"}:
                assert tk.get_validator(name)

    @each_field
    def test_every_plain_field_is_validated(self, path, field):
        """Without validators ckanext-scheming takes any structure, and the page shows it raw."""
        assert "repeating_subfields" in field or field.get("validators")

    @each_field
    def test_name_can_be_indexed(self, path, field):
        """CKAN drops other characters from keys, and reads what ends in _date month-first."""
        name = field["field_name"]
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert not name.endswith("_date") or field["preset"] == "nd47_date"

    @each_field
    def test_group_of_subfields_has_no_validators_of_its_own(self, path, field):
        """ckanext-scheming replaces them by those of the subfields, so they would never run."""
        if "repeating_subfields" in field:
            assert "validators" not in field
            assert "output_validators" not in field

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

    @pytest.mark.parametrize("name", SHARED)
    def test_shared_field_has_groups_of_subfields_where_dcat_has(self, name):
        assert ("repeating_subfields" in self.OURS[name]) == (
            "repeating_subfields" in self.DCAT[name]
        )

    @pytest.mark.parametrize("name", ["contact", "temporal_coverage", "spatial_coverage"])
    def test_shared_group_has_all_subfields_of_dcat(self, name):
        ours = {sub["field_name"] for sub in self.OURS[name]["repeating_subfields"]}
        assert {sub["field_name"] for sub in self.DCAT[name]["repeating_subfields"]} <= ours

    @pytest.mark.parametrize("name", SHARED)
    def test_shared_field_has_several_values_where_dcat_has(self, name):
        """`theme`, `language` and their like are lists in both."""
        several = self.DCAT[name].get("preset") == "multiple_text"
        ours = {**PRESETS.get(self.OURS[name].get("preset", ""), {}), **self.OURS[name]}
        lists = {"repeating_text_output", "nd47_values_output"}
        assert (ours.get("output_validators") in lists) == several


@pytest.mark.parametrize("name", ["dataset.yaml", "organization.yaml", "presets.yaml"])
def test_schema_files_are_in_nfc(name):
    text = data_path("schemas", name).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)


class TestReadYaml:
    @pytest.mark.parametrize(
        "path", sorted(data_root().glob("schemas/**/*.yaml")), ids=lambda path: path.name
    )
    def test_both_loaders_read_the_same(self, path: Path):
        assert read_yaml(path) == yaml.safe_load(path.read_text(encoding="utf-8"))

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
