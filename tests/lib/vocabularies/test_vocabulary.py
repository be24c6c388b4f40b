"""The code lists: the files of the package, those of a portal, and the lookup over both."""

from __future__ import annotations

import datetime as dt
import os
import unicodedata
from pathlib import Path

import pytest

from ckanext.nd47.lib.data import DataFileError, data_path
from ckanext.nd47.lib.vocabularies import vocabulary

STANDARD = sorted(data_path("schemas", "vocabularies").glob("*.yaml"))

GOOD = """
id: {id}
title: {{vi: Danh sách, en: List}}
source: Quyết định số 1
status: secondary
{header}
terms:
- {{code: mot, label: {{vi: Một, en: One}}, status: verified}}
{rows}
"""


@pytest.fixture
def folder(tmp_path: Path, ckan_config) -> Path:
    ckan_config["ckanext.nd47.vocabulary_folder"] = str(tmp_path)
    return tmp_path


def write(folder: Path, vocabulary_id: str, header: str = "", rows: str = "") -> Path:
    path = folder / f"{vocabulary_id}.yaml"
    path.write_text(GOOD.format(id=vocabulary_id, header=header, rows=rows), encoding="utf-8")
    return path


class TestFilesOfThePackage:
    @pytest.mark.parametrize("path", STANDARD, ids=lambda path: path.stem)
    def test_is_readable_and_says_where_it_comes_from(self, path):
        found = vocabulary.read(path)
        assert found.terms
        assert found.source

    @pytest.mark.parametrize("path", STANDARD, ids=lambda path: path.stem)
    def test_is_in_nfc(self, path):
        text = path.read_text(encoding="utf-8")
        assert unicodedata.is_normalized("NFC", text)

    @pytest.mark.parametrize("path", STANDARD, ids=lambda path: path.stem)
    def test_successors_exist(self, path):
        """A successor is a row of the same list, or of the list that header or row name."""
        found = vocabulary.read(path)
        places = [place for term in found for place in found.followers(term)]
        assert [(other, code) for other, code in places if code not in vocabulary.get(other)] == []

    def test_has_34_provinces_that_come_from_63(self):
        old = vocabulary.get("province-old")
        new = vocabulary.get("province")
        assert (len(new), len(old)) == (34, 63)
        assert {code for term in old for code in term.successor} == {term.code for term in new}

    def test_administrative_code_of_a_merged_province_is_one_of_its_parts(self):
        """The rule of Decision 124/2004: the code of the province where the new seat is."""
        old = vocabulary.get("province-old")
        for new in vocabulary.get("province"):
            parts = [term["admin_code"] for term in old if new.code in term.successor]
            assert new.code in parts, new.label["vi"]

    def test_agency_code_of_a_merged_province_is_that_of_its_name(self):
        """The rule of Decision 09/2025/QĐ-TTg, which parts the two systems of codes."""
        old = vocabulary.get("province-old")
        for new in vocabulary.get("province"):
            assert new["agency_code"] in {
                term["agency_code"] for term in old if new.code in term.successor
            }
        an_giang = vocabulary.get("province").find("Tỉnh An Giang")
        assert an_giang is not None
        assert (an_giang.code, an_giang["agency_code"]) == ("91", "H01")

    def test_inferred_agency_codes_are_marked(self):
        ha_noi = vocabulary.term("province", "01")
        assert ha_noi is not None
        assert ha_noi.status == "verified"
        assert ha_noi["agency_code_status"] == "inferred"

    def test_open_data_provisions_of_decree_47_end_on_18_august_2025(self):
        decree = vocabulary.term("instrument", "nd-47-2020")
        assert decree is not None
        assert str(decree["open_data_until"]) == "2025-08-18"
        assert decree.in_force(dt.date(2025, 10, 21))
        assert not decree.in_force(dt.date(2025, 10, 22))

    def test_instruments_and_licences_of_legal_editions_exist(self):
        for edition in vocabulary.get("legal-edition"):
            assert set(edition["instruments"]) <= set(vocabulary.get("instrument").by_code)

    def test_no_article_numbers_are_given_for_the_open_data_chapter_that_nobody_read(self):
        for path in data_path("schemas").rglob("*.yaml"):
            assert "21-37" not in path.read_text(encoding="utf-8").replace("–", "-"), path

    @pytest.mark.parametrize(
        ("name", "code"),
        [("csv", "CSV"), (".XLSX", "XLSX"), ("text/csv", "CSV"), ("geojson", "GeoJSON")],
    )
    def test_file_format_is_found_by_any_of_its_names(self, name, code):
        found = vocabulary.get("file-format").find(name)
        assert found is not None
        assert found.code == code

    def test_unknown_file_format_is_not_found(self):
        assert vocabulary.get("file-format").find("csvv") is None


class TestRetiredCodes:
    """A code that other rows took the place of stays valid for the records that hold it."""

    def test_the_national_list_has_twelve_fields(self):
        fields = [term for term in vocabulary.get("field-national") if term.offered]
        assert len(fields) == 12
        assert {"nang-luong", "co-so-ha-tang"} <= {term.code for term in fields}

    def test_the_former_field_names_the_two_that_followed(self):
        terms = vocabulary.get("field-national")
        former = terms.by_code["nang-luong-ha-tang"]
        assert former.retired
        assert terms.followers(former) == [
            ("field-national", "nang-luong"),
            ("field-national", "co-so-ha-tang"),
        ]

    def test_a_stored_code_is_still_recognised(self):
        assert vocabulary.recognise("field-national", "nang-luong-ha-tang") == "nang-luong-ha-tang"
        assert vocabulary.label("field-national", "nang-luong-ha-tang", "en") == (
            "Energy, infrastructure"
        )

    def test_a_concept_of_another_table_stands_for_the_row_that_followed(self):
        energy = "http://publications.europa.eu/resource/authority/data-theme/ENER"
        assert vocabulary.recognise("field-national", energy) == "nang-luong"

    def test_each_former_workflow_status_is_one_of_three_axes(self):
        former = vocabulary.get("workflow-status")
        axes = {other for term in former for other, _ in former.followers(term)}
        assert axes == {"approval-status", "publication-status"}
        assert all(term.retired for term in former)
        assert former.followers(former.by_code["thu-hoi"]) == [
            ("publication-status", "thu-hoi"),
            ("publication-status", "tam-dung"),
        ]

    def test_a_list_with_missing_rows_says_so(self):
        assert vocabulary.get("field-da-nang").incomplete
        assert not vocabulary.get("field-national").incomplete


class TestInstruments:
    def test_forms_offer_what_open_data_are_published_under(self):
        offered = {term.code for term in vocabulary.get("instrument") if term.offered}
        assert {"luat-20-2023", "nd-194-2025", "nd-47-2020"} <= offered
        assert not {"tcvn-7980", "qd-20-2020", "nd-363-2026"} & offered

    @pytest.mark.parametrize(
        ("code", "first"), [("nd-363-2026", "2026-11-11"), ("luat-20-2026", "2027-03-01")]
    )
    def test_an_instrument_is_in_force_from_its_first_day(self, code, first):
        instrument = vocabulary.get("instrument").by_code[code]
        day = dt.date.fromisoformat(first)
        assert instrument.in_force(day)
        assert not instrument.in_force(day - dt.timedelta(days=1))

    def test_a_row_that_was_only_told_by_others_is_not_verified(self):
        rows = vocabulary.get("instrument").by_code
        told = ("nd-88-2026", "nd-212-2026", "nd-363-2026", "cv-4856-2026", "luat-91-2025")
        assert {rows[code].status for code in told} == {"secondary"}
        assert rows["nd-224-2026"].status == "verified"


class TestBadFile:
    @pytest.mark.parametrize(
        ("header", "rows", "named"),
        [
            ("", "- {code: hai, label: {vi: Hai}, status: verified}", ["row 2 (hai)", "label"]),
            ("", "- {code: 02, label: {vi: Hai, en: Two}, status: verified}", ["row 2", "code"]),
            ("", "- {code: mot, label: {vi: M, en: O}, status: verified}", ["row 2", "twice"]),
            ("", "- {code: hai, label: {vi: Hai, en: Two}, status: sure}", ["(hai)", "status"]),
            (
                "",
                "- {code: hai, label: {vi: Hai, en: Two}, status: verified, valid_to: 31/12/2024}",
                ["(hai)", "valid_to"],
            ),
            (
                "",
                "- {code: hai, label: {vi: Hai, en: Two}, status: verified, colour: red}",
                ["(hai)", "colour", "columns"],
            ),
            (
                "",
                "- {code: hai, label: {vi: Hai, en: Two}, status: verified, successor: ba}",
                ["hai", "successor", "'ba'"],
            ),
            (
                "",
                "- {code: hai, label: {vi: Hai, en: Two}, status: verified, offered: maybe}",
                ["(hai)", "offered", "'maybe'"],
            ),
            (
                "",
                "- {code: hai, label: {vi: Hai, en: Two}, status: verified, successor: [mot, ba]}",
                ["hai", "successor", "'ba'"],
            ),
            ("incomplete: partly", "", ["incomplete", "'partly'"]),
            (
                "",
                "- {code: hai, label: {vi: Hai, en: Two}, status: verified, mapping: csv}",
                ["(hai)", "mapping"],
            ),
            ("", "- hai", ["row 2"]),
            ("colour: red", "", ["colour"]),
            ("columns: [colour]", "", ["columns"]),
            ("", "- {code: hai", ["list.yaml"]),
        ],
    )
    def test_error_names_file_row_and_column(self, tmp_path, header, rows, named):
        path = write(tmp_path, "list", header, rows)
        with pytest.raises(DataFileError) as raised:
            vocabulary.read(path)
        for part in [str(path), *named]:
            assert part in str(raised.value)

    def test_id_must_be_the_name_of_the_file(self, tmp_path):
        path = write(tmp_path, "list")
        other = path.rename(tmp_path / "other.yaml")
        with pytest.raises(DataFileError, match="id must be"):
            vocabulary.read(other)

    def test_file_in_another_encoding_is_named(self, tmp_path):
        path = tmp_path / "list.yaml"
        path.write_bytes(b"id: \xff\xfe")
        with pytest.raises(DataFileError, match=r"list\.yaml"):
            vocabulary.read(path)

    @pytest.mark.parametrize("text", ["", "- a", "id: list\nterms: []"])
    def test_file_that_is_no_vocabulary_is_refused(self, tmp_path, text):
        path = tmp_path / "list.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataFileError):
            vocabulary.read(path)


class TestFilesOfThePortal:
    def test_adds_a_list(self, folder):
        write(folder, "own-list")
        assert "own-list" in vocabulary.ids()
        assert vocabulary.label("own-list", "mot", "vi") == "Một"

    def test_replaces_a_list(self, folder):
        write(folder, "frequency")
        assert [term.code for term in vocabulary.get("frequency")] == ["mot"]

    def test_merges_rows_into_a_list(self, folder):
        row = "- {code: hang-nam, label: {vi: Mỗi năm, en: Yearly}, status: design}"
        write(folder, "frequency", "merge: true", row)
        merged = vocabulary.get("frequency")
        assert merged.by_code["hang-nam"].label["vi"] == "Mỗi năm"
        assert {"mot", "hang-thang"} <= set(merged.by_code)

    def test_is_read_again_when_it_changes(self, folder):
        path = write(folder, "own-list")
        assert "hai" not in vocabulary.get("own-list")
        write(folder, "own-list", rows="- {code: hai, label: {vi: H, en: T}, status: design}")
        os.utime(path, ns=(1, 1))
        assert "hai" in vocabulary.get("own-list")

    def test_broken_file_leaves_the_list_of_the_package_in_force(self, folder, caplog):
        """A slip in a file of the portal must not take its pages down."""
        write(folder, "frequency", "colour: red")
        assert "hang-nam" in vocabulary.get("frequency")
        assert "colour" in caplog.text

    def test_broken_file_of_a_new_list_is_unknown(self, folder):
        write(folder, "own-list", "colour: red")
        with pytest.raises(vocabulary.UnknownVocabularyError):
            vocabulary.get("own-list")

    def test_folder_that_does_not_exist_changes_nothing(self, ckan_config):
        ckan_config["ckanext.nd47.vocabulary_folder"] = "/nowhere"
        assert "hang-nam" in vocabulary.get("frequency")


class TestLookup:
    def test_unknown_list_is_an_error(self):
        with pytest.raises(vocabulary.UnknownVocabularyError, match="no-such-list"):
            vocabulary.get("no-such-list")

    @pytest.mark.parametrize("vocabulary_id", ["../dataset", "/etc/passwd", ""])
    def test_id_never_leads_out_of_the_folder(self, vocabulary_id):
        with pytest.raises(vocabulary.UnknownVocabularyError):
            vocabulary.get(vocabulary_id)

    def test_label_is_in_the_language_asked_for(self):
        assert vocabulary.label("frequency", "hang-nam", "en") == "Annual"
        assert vocabulary.label("frequency", "hang-nam", "vi_VN") == "Hằng năm"

    def test_label_in_another_language_is_vietnamese(self):
        assert vocabulary.label("frequency", "hang-nam", "fr") == "Hằng năm"

    def test_label_of_an_unknown_code_is_the_code(self):
        assert vocabulary.label("frequency", "moi-gio", "vi") == "moi-gio"

    def test_field_is_the_scheme_that_the_portal_chose(self, ckan_config):
        assert "nong-nghiep" in vocabulary.get("field")
        ckan_config["ckanext.nd47.field_scheme"] = "field-da-nang"
        assert vocabulary.get("field").id == "field-da-nang"
        assert vocabulary.iri("field").endswith("/vocabulary/field-da-nang")

    def test_iri_starts_with_the_address_of_the_site(self, ckan_config):
        ckan_config["ckan.site_url"] = "https://dulieu.example/"
        assert vocabulary.iri("frequency", "hang-nam") == (
            "https://dulieu.example/vocabulary/frequency/hang-nam"
        )

    def test_iri_keeps_the_root_path_without_the_language(self, ckan_config):
        ckan_config["ckan.site_url"] = "https://dulieu.example"
        ckan_config["ckan.root_path"] = "/mo/{{LANG}}"
        assert vocabulary.iri("frequency") == "https://dulieu.example/mo/vocabulary/frequency"

    def test_iri_follows_the_configured_base(self, ckan_config):
        ckan_config["ckanext.nd47.base_iri"] = "https://id.example/"
        assert vocabulary.iri("frequency") == "https://id.example/vocabulary/frequency"

    def test_choices_have_value_and_label(self):
        first = vocabulary.choices("disclosure")[0]
        assert first == {"value": "cong-khai", "label": {"vi": "Công khai", "en": "Public"}}

    def test_row_says_whether_it_may_refuse_a_record(self):
        assert vocabulary.get("importance").by_code["du-lieu-khac"].doubtful
        assert not vocabulary.get("disclosure").by_code["cong-khai"].doubtful
