"""Merging our schema into a portal's: what is kept, added, mapped, and asked about."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
import yaml

from ckanext.nd47.lib.data import data_path
from ckanext.nd47.metadata.compose import files
from ckanext.nd47.metadata.compose.merge import ComposeError, Merged, merge
from ckanext.nd47.metadata.pages.form_layout import parts

PRESETS = [
    str(data_path("schemas", "presets.yaml")),
    "ckanext.dcat.schemas:presets.yaml",
    "ckanext.scheming:presets.json",
]
DCAT = "ckanext.dcat.schemas:dcat_ap_full.yaml"
CAMELS = "ckanext.scheming:camel_photos.yaml"

CLASHING: dict[str, Any] = {
    "scheming_version": 2,
    "dataset_type": "dataset",
    "before_validators": "duplicate_extras_key ignore",
    "dataset_fields": [
        {"field_name": "title", "label": "Tiêu đề", "preset": "title"},
        {"field_name": "name", "label": "Đường dẫn", "preset": "dataset_slug"},
        {"field_name": "theme", "label": "Chủ đề", "form_snippet": "text.html"},
        {
            "field_name": "frequency",
            "label": "Cập nhật",
            "repeating_subfields": [
                {"field_name": "number", "label": "Số lần"},
                {"field_name": "unit", "label": "Đơn vị"},
            ],
        },
        {"field_name": "budget_code", "label": "Mã ngân sách"},
    ],
    "resource_fields": [{"field_name": "url", "label": "Tệp", "preset": "resource_url_upload"}],
}


def composed(theirs: dict[str, Any] | str, **choices: str) -> Merged:
    if isinstance(theirs, str):
        theirs = files.load(theirs)
    named = {name.replace("__", "."): choice for name, choice in choices.items()}
    return merge(theirs, files.our_schema(), files.presets(PRESETS), named)


def by_name(schema: dict[str, Any], side: str = "dataset_fields") -> dict[str, dict[str, Any]]:
    return {field["field_name"]: field for field in schema[side]}


def our_fields() -> list[dict[str, Any]]:
    return files.our_schema()["dataset_fields"]


def our_names(side: str = "dataset_fields") -> set[str]:
    return {field["field_name"] for field in files.our_schema()[side]}


def served(schema: dict[str, Any], side: str = "dataset_fields") -> set[str]:
    return {field["nd47_field"] for field in schema[side] if "nd47_field" in field}


@pytest.mark.parametrize("theirs", [DCAT, CAMELS])
class TestAnySchema:
    def test_fields_of_the_portal_come_first_in_their_order(self, theirs):
        before = [field["field_name"] for field in files.load(theirs)["dataset_fields"]]
        after = [field["field_name"] for field in composed(theirs).schema["dataset_fields"]]
        assert after[: len(before)] == before

    def test_labels_and_presets_of_the_portal_stay(self, theirs):
        after = by_name(composed(theirs).schema)
        for field in files.load(theirs)["dataset_fields"]:
            kept = after[field["field_name"]]
            assert (kept["label"], kept.get("preset")) == (field["label"], field.get("preset"))

    def test_every_field_of_ours_is_there(self, theirs):
        schema = composed(theirs).schema
        assert served(schema) == our_names()
        assert served(schema, "resource_fields") == our_names("resource_fields")

    def test_merging_the_result_changes_nothing(self, theirs):
        once = composed(theirs)
        twice = composed(copy.deepcopy(once.schema))
        assert files.dump(twice.schema) == files.dump(once.schema)
        assert twice.complete

    def test_schema_that_was_given_is_left_alone(self, theirs):
        given = files.load(theirs)
        before = copy.deepcopy(given)
        composed(given)
        assert given == before

    def test_file_holds_what_was_merged(self, theirs):
        schema = composed(theirs).schema
        assert yaml.safe_load(files.dump(schema)) == schema
        assert yaml.safe_load(files.dump(schema, "x.json")) == schema

    def test_no_field_stands_twice(self, theirs):
        names = [field["field_name"] for field in composed(theirs).schema["dataset_fields"]]
        assert len(names) == len(set(names))

    def test_type_of_the_portal_stays(self, theirs):
        assert composed(theirs).schema["dataset_type"] == files.load(theirs)["dataset_type"]


class TestMapped:
    def test_equal_field_serves_as_it_is(self):
        merged = composed(DCAT)
        assert by_name(merged.schema)["conforms_to"]["label"] == "Conforms to"
        assert "conforms_to" in merged.mapped
        assert not merged.conflicts

    def test_group_gets_the_subfields_that_it_lacks(self):
        merged = composed(DCAT)
        names = [f["field_name"] for f in by_name(merged.schema)["contact"]["repeating_subfields"]]
        assert names[:5] == ["uri", "name", "email", "identifier", "url"]
        assert merged.extended["contact"] == names[5:] == ["position", "function", "telephone"]

    def test_field_that_ours_would_fill_in_is_pointed_out(self):
        assert {"theme", "identifier", "license_id"} <= set(composed(DCAT).plainer)

    def test_ours_may_be_taken_with_the_label_of_the_portal(self):
        theme = by_name(composed(DCAT, theme="ours").schema)["theme"]
        assert (theme["label"], theme["preset"]) == ("Theme", "nd47_choices")

    def test_closed_list_of_addresses_that_we_know_serves(self):
        theirs = copy.deepcopy(CLASHING)
        theirs["dataset_fields"][2:4] = [
            {
                "field_name": "frequency",
                "label": "Cập nhật",
                "preset": "select",
                "choices": [
                    {"value": f"http://publications.europa.eu/resource/authority/frequency/{name}"}
                    for name in ("ANNUAL", "MONTHLY")
                ],
            }
        ]
        assert "frequency" in composed(theirs).mapped

    def test_closed_list_of_other_values_is_asked_about(self):
        theirs = copy.deepcopy(CLASHING)
        theirs["dataset_fields"][2:4] = [
            {
                "field_name": "frequency",
                "label": "Cập nhật",
                "preset": "select",
                "choices": [{"value": "thinh-thoang"}],
            }
        ]
        (conflict,) = composed(theirs).conflicts
        assert (conflict.name, "thinh-thoang" in conflict.reason) == ("frequency", True)


class TestSection:
    @pytest.mark.parametrize("theirs", [DCAT, CAMELS])
    def test_ours_stand_on_one_page_of_their_own(self, theirs):
        merged = composed(theirs)
        pages = [f for f in merged.schema["dataset_fields"] if "start_form_page" in f]
        assert [page["start_form_page"]["title"]["en"] for page in pages] == [
            "Dataset",
            "Open government data",
        ]
        assert pages[1]["field_name"] == merged.added[0]

    def test_sections_of_our_form_stay_on_it(self):
        titles = [
            field["form_section"]["title"]["en"]
            for field in composed(CAMELS).schema["dataset_fields"]
            if "form_section" in field
        ]
        assert titles == [part.title["en"] for part in parts(our_fields(), by_page=True)]

    def test_section_begins_at_the_first_field_that_was_added(self):
        """Its first field in our form may be one that the portal has already."""
        sections = {
            field["form_section"]["title"]["en"]: field["field_name"]
            for field in composed(DCAT).schema["dataset_fields"]
            if "form_section" in field
        }
        assert sections["Agency and contact"] == "responsible_agency"
        assert sections["Source and documentation"] == "source_database"

    def test_pages_of_the_portal_stay(self):
        schema = composed("ckanext.scheming:ckan_formpages.yaml").schema
        titles = [
            field["start_form_page"]["title"]
            for field in schema["dataset_fields"]
            if "start_form_page" in field
        ]
        assert titles[:3] == ["Basic Info", "Detailed Info", "Contact Info"]


class TestValidators:
    def test_ours_stand_before_the_end_of_the_chain(self):
        assert (
            composed(CLASHING, theme="theirs", frequency="rename").schema["before_validators"]
            == "duplicate_extras_key nd47_clean_input nd47_spatial_extra ignore"
        )

    def test_schema_without_any_gets_ours(self):
        ours, schema = files.our_schema(), composed(CAMELS).schema
        assert schema["before_validators"] == ours["before_validators"]
        assert schema["after_validators"] == ours["after_validators"]

    def test_those_of_the_portal_stay_first(self):
        theirs = {**CLASHING, "after_validators": "own_rule"}
        merged = composed(theirs, theme="theirs", frequency="rename")
        assert merged.schema["after_validators"].split()[0] == "own_rule"


class TestConflict:
    def test_each_is_listed_with_its_reason(self):
        reasons = {conflict.name: conflict.reason for conflict in composed(CLASHING).conflicts}
        assert reasons == {
            "theme": "one value, ours is a list of values",
            "frequency": "groups of subfields, ours is one value",
        }

    def test_subfield_of_another_shape_is_one(self):
        theirs = copy.deepcopy(CLASHING)
        theirs["dataset_fields"][2]["field_name"] = "contact"
        theirs["dataset_fields"][2]["repeating_subfields"] = [
            {"field_name": "email", "preset": "multiple_text"}
        ]
        reasons = {conflict.name: conflict.reason for conflict in composed(theirs).conflicts}
        assert reasons["contact"].startswith("its subfield email is a list of values")

    def test_of_a_resource_is_listed_with_its_place(self):
        theirs = copy.deepcopy(CLASHING)
        theirs["resource_fields"].append({"field_name": "language", "label": "Ngôn ngữ"})
        assert "resources.language" in [conflict.name for conflict in composed(theirs).conflicts]

    def test_theirs_stays_and_serves(self):
        theme = by_name(composed(CLASHING, theme="theirs", frequency="theirs").schema)["theme"]
        assert theme == {**CLASHING["dataset_fields"][2], "nd47_field": "theme"}

    def test_ours_takes_the_place_and_keeps_the_label(self):
        schema = composed(CLASHING, theme="ours", frequency="ours").schema
        names = [field["field_name"] for field in schema["dataset_fields"]]
        frequency = by_name(schema)["frequency"]
        assert names.index("frequency") == 3
        assert (frequency["preset"], frequency["label"]) == ("nd47_choice", "Cập nhật")
        assert "repeating_subfields" not in frequency

    def test_renamed_stands_beside_theirs(self):
        schema = composed(CLASHING, theme="rename", frequency="rename").schema
        fields = by_name(schema)
        assert fields["theme"] == CLASHING["dataset_fields"][2]
        assert fields["nd47_theme"]["nd47_field"] == "theme"
        assert fields["nd47_frequency"]["preset"] == "nd47_choice"

    @pytest.mark.parametrize("choice", ["theirs", "ours", "rename"])
    def test_merging_again_with_the_same_choice_changes_nothing(self, choice):
        once = composed(CLASHING, theme=choice, frequency=choice)
        again = composed(copy.deepcopy(once.schema), theme=choice, frequency=choice)
        without = composed(copy.deepcopy(once.schema))
        assert again.schema == without.schema == once.schema
        assert again.complete
        assert without.complete

    def test_choice_cannot_be_changed_later(self):
        once = composed(CLASHING, theme="rename", frequency="rename")
        with pytest.raises(ComposeError, match="as it was before the merge"):
            composed(once.schema, theme="ours")

    def test_choice_for_a_field_that_only_one_has_is_refused(self):
        with pytest.raises(ComposeError, match="budget_code"):
            composed(CLASHING, theme="theirs", frequency="theirs", budget_code="ours")

    def test_name_that_is_taken_is_refused(self):
        theirs = copy.deepcopy(CLASHING)
        theirs["dataset_fields"].append({"field_name": "nd47_theme", "label": "Khác"})
        with pytest.raises(ComposeError, match="nd47_theme"):
            composed(theirs, theme="rename", frequency="theirs")


class TestFiles:
    def test_address_of_a_file_is_read(self, tmp_path):
        path = tmp_path / "lược đồ.yaml"
        path.write_text("dataset_type: dataset\n", encoding="utf-8")
        assert files.load(path.as_uri()) == {"dataset_type": "dataset"}

    @pytest.mark.parametrize(
        "reference",
        [
            "không-có.yaml",
            "ckanext.scheming:khong_co.yaml",
            "khong.co:x.yaml",
            "https://a.vn/s.yaml",
        ],
    )
    def test_what_is_not_there_is_said(self, reference):
        with pytest.raises(ComposeError, match=re.escape(reference)):
            files.load(reference)

    @pytest.mark.parametrize("text", ["- 1\n", "{", "a: [", "\x00"])
    def test_what_is_no_schema_is_said(self, tmp_path, text):
        path = tmp_path / "schema.yaml"
        path.write_text(text)
        with pytest.raises(ComposeError, match="schema.yaml"):
            files.load(str(path))

    def test_file_that_cannot_be_written_leaves_the_old_one(self, tmp_path):
        path = tmp_path / "schema.yaml"
        path.write_text("old")
        with pytest.raises(UnicodeEncodeError):
            files.write(path, "new \ud800")
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]
