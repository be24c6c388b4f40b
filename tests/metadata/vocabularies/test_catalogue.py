"""Which lists are in force, what a portal changed, what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata.vocabularies import catalogue

HEAD = "id: {id}\ntitle: {{vi: Danh sách, en: List}}\nsource: Quyết định 1\nstatus: secondary\n"
ROW = "- {{code: {code}, label: {{vi: {label}, en: {label}}}, status: design}}\n"


@pytest.fixture
def folder(tmp_path: Path, ckan_config) -> Path:
    ckan_config["ckanext.nd47.vocabulary_folder"] = str(tmp_path)
    return tmp_path


def write(folder: Path, vocabulary_id: str, *codes: str, header: str = "") -> None:
    rows = "".join(ROW.format(code=code, label=code) for code in codes)
    text = f"{HEAD.format(id=vocabulary_id)}{header}terms:\n{rows}"
    (folder / f"{vocabulary_id}.yaml").write_text(text, encoding="utf-8")


class TestOrigin:
    def test_of_a_list_of_the_package(self, folder):
        assert catalogue.origin("frequency") == "package"

    def test_of_a_list_that_the_portal_replaced(self, folder):
        write(folder, "frequency", "moi-vu")
        assert catalogue.origin("frequency") == "replaced"

    def test_of_a_list_that_the_portal_changed(self, folder):
        write(folder, "frequency", "moi-vu", header="merge: true\n")
        assert catalogue.origin("frequency") == "merged"

    def test_of_a_list_that_the_portal_added(self, folder):
        write(folder, "mua-vu", "he-thu")
        assert catalogue.origin("mua-vu") == "added"

    def test_of_a_list_whose_file_of_the_portal_is_broken(self, folder):
        (folder / "frequency.yaml").write_text("x", encoding="utf-8")
        assert catalogue.origin("frequency") == "package"


class TestDifferences:
    def test_list_of_the_package_has_none(self, folder):
        assert catalogue.differences("frequency") == []

    def test_merged_rows_are_added_or_changed(self, folder):
        write(folder, "frequency", "moi-vu", "hang-nam", header="merge: true\n")
        found = {
            difference.code: (difference.change, difference.columns)
            for difference in catalogue.differences("frequency")
        }
        assert found["moi-vu"] == ("added", ())
        change, columns = found["hang-nam"]
        assert change == "changed"
        assert {"label", "status", "period"} <= set(columns)
        assert len(found) == 2

    def test_replaced_rows_are_removed(self, folder):
        write(folder, "frequency", "moi-vu")
        removed = [
            difference
            for difference in catalogue.differences("frequency")
            if difference.change == "removed"
        ]
        assert len(removed) == 10


class TestProblems:
    def test_package_has_none(self):
        assert catalogue.problems() == []

    def test_broken_file_is_named_once(self, folder):
        (folder / "frequency.yaml").write_text("id: frequency\n", encoding="utf-8")
        (problem,) = catalogue.problems()
        assert str(folder / "frequency.yaml") in problem

    def test_successor_that_is_nowhere_is_named(self, folder):
        header = "merge: true\nsuccessor_in: province\n"
        write(folder, "province-old", "tinh-cu", header=header)
        path = folder / "province-old.yaml"
        text = path.read_text(encoding="utf-8").replace(
            "status: design", 'status: design, successor: "00"'
        )
        path.write_text(text, encoding="utf-8")
        (problem,) = catalogue.problems()
        assert "row tinh-cu, column successor" in problem

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("ckanext.nd47.field_scheme", "field-mars"),
            ("ckanext.nd47.legal_edition", "nd-48-2020"),
            ("ckanext.nd47.default_language", "xx"),
            ("ckanext.nd47.vocabulary_folder", "/nowhere"),
        ],
    )
    def test_option_that_names_nothing_is_named(self, ckan_config, option, value):
        ckan_config[option] = value
        (problem,) = catalogue.problems()
        assert problem.startswith(option)


class TestPlainData:
    @pytest.mark.parametrize("vocabulary_id", vocabulary.ids())
    def test_can_be_written_as_json(self, vocabulary_id):
        data = catalogue.as_dict(vocabulary.get(vocabulary_id))
        assert json.loads(json.dumps(data)) == data

    def test_leaves_out_what_a_row_leaves_empty(self):
        terms = vocabulary.get("frequency")
        data = catalogue.term_as_dict(terms, terms.by_code["khong-xac-dinh"])
        assert set(data) == {"also", "code", "iri", "label", "mapping", "status"}

    def test_says_what_took_the_place_of_a_retired_row(self):
        terms = vocabulary.get("field-national")
        data = catalogue.term_as_dict(terms, terms.by_code["nang-luong-ha-tang"])
        assert data["successor"] == ["nang-luong", "co-so-ha-tang"]
        assert data["offered"] is False

    def test_has_dates_in_iso_form(self):
        terms = vocabulary.get("instrument")
        data = catalogue.term_as_dict(terms, terms.by_code["nd-47-2020"])
        assert (data["valid_from"], data["valid_to"]) == ("2020-05-25", "2025-10-21")
