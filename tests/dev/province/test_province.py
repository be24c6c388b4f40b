"""The sample province: what it covers, that it is fictitious, that its files are what they say."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from ckanext.nd47.lib.vocabularies import vocabulary
from dev.province import DataFile, Dataset, Province, province
from dev.province.documents import NOTICE
from dev.province.geography import bounding_box
from dev.province.text import field_code, slug

TODAY = date(2026, 11, 22)
REPOSITORY = Path(__file__).parents[3]
VOCABULARIES = REPOSITORY / "schemas" / "vocabularies"
AGENCY_CODE = re.compile(r"[A-Y][0-9]{2}(\.[0-9A-Z]+)*")
DAYS = {
    "thoi-gian-thuc": 1,
    "hang-ngay": 1,
    "hang-tuan": 7,
    "hang-thang": 31,
    "hang-quy": 92,
    "sau-thang": 184,
    "hang-nam": 366,
}
RECOMMENDED = ("tag_string", "contact", "provenance", "source_database", "spatial_coverage")


@pytest.fixture(scope="module")
def sample() -> Province:
    return province(today=TODAY)


@pytest.fixture(scope="module")
def built(sample: Province) -> list[tuple[Dataset, DataFile, bytes]]:
    """Every file of the province with its bytes."""
    return [(d, f, f.build()) for d in sample.datasets for f in d.files]


def codes(vocabulary: str) -> set[str]:
    content = yaml.safe_load((VOCABULARIES / f"{vocabulary}.yaml").read_text(encoding="utf-8"))
    return {term["code"] for term in content["terms"]}


def labels(vocabulary: str) -> set[str]:
    content = yaml.safe_load((VOCABULARIES / f"{vocabulary}.yaml").read_text(encoding="utf-8"))
    return {term["label"]["vi"] for term in content["terms"]}


def of_format(built: list, format_: str) -> list[tuple[DataFile, bytes]]:
    return [(file, content) for _, file, content in built if file.format == format_]


def whole_text(sample: Province) -> str:
    """All that a visitor of the portal reads about the province."""
    return json.dumps(
        [[o.title, o.description, o.address, dict(o.contact)] for o in sample.organisations]
        + [[d.metadata, [f.name for f in d.files]] for d in sample.datasets],
        ensure_ascii=False,
    )


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


class TestCoverage:
    def test_has_a_committee_thirteen_departments_and_six_communes(self, sample):
        levels = Counter(o.level for o in sample.organisations)
        assert levels["province"] == 1
        assert levels["department"] >= 13
        assert levels["commune"] >= 6

    def test_has_sixty_six_datasets(self, sample):
        assert len(sample.datasets) >= 66

    def test_every_field_has_several_published_datasets(self, sample):
        used = Counter(
            theme
            for d in sample.datasets
            if d.state == "published"
            for theme in d.metadata["theme"]
        )
        offered = {term.code for term in vocabulary.get("field-national") if term.offered}
        assert set(used) == offered
        assert min(used.values()) >= 4

    def test_the_three_kinds_of_open_data_are_there(self, sample):
        used = Counter(
            d.metadata["open_data_category"] for d in sample.datasets if d.state == "published"
        )
        assert set(used) == codes("open-data-category") - {"khac"}
        assert min(used.values()) >= 6

    def test_every_agency_provides_a_published_dataset_except_the_committee(self, sample):
        owners = {d.owner for d in sample.datasets if d.state == "published"}
        assert {o.name for o in sample.organisations} - owners == {"ubnd-tinh-vinh-khue"}

    def test_some_are_drafts_private_late_and_incomplete(self, sample):
        states = Counter(d.state for d in sample.datasets)
        assert states["draft"] >= 6
        assert states["private"] >= 4
        assert sum(d.late for d in sample.datasets) >= 8
        assert sum(d.incomplete for d in sample.datasets) >= 8

    def test_all_file_formats_are_there(self, sample):
        assert {f.format for d in sample.datasets for f in d.files} == {
            "CSV", "XLSX", "JSON", "GeoJSON", "PDF", "TXT",
        }  # fmt: skip

    @pytest.mark.parametrize("word", ["thủy lợi", "thuỷ lợi", "xây dựng", "đất đai", "kĩ năng",
                                      "GTVT", "UBND", "Hòa", "Hoà", "2025"])  # fmt: skip
    def test_titles_and_descriptions_hold_words_for_searching(self, sample, word):
        found = [d for d in sample.datasets if word in d.title + d.metadata.get("notes", "")]
        assert found


class TestStates:
    def test_late_datasets_are_late_and_the_others_are_not(self, sample):
        for dataset in sample.datasets:
            limit = DAYS.get(dataset.metadata.get("frequency", ""))
            if limit is None or dataset.state != "published":
                continue
            updated = date.fromisoformat(dataset.metadata["modified"])
            assert dataset.late == (updated + timedelta(days=limit) < TODAY), dataset.name

    def test_late_stays_late_on_another_day(self):
        later = date(2027, 6, 1)
        dataset = next(d for d in province(today=later).datasets if d.late)
        assert (later - date.fromisoformat(dataset.metadata["modified"])).days > 31

    def test_incomplete_datasets_miss_a_field_that_the_others_have(self, sample):
        for dataset in sample.datasets:
            if dataset.incomplete:
                assert dataset.state == "published", dataset.name
                optional = (*RECOMMENDED, "notes", "license_id", "temporal_coverage")
                assert any(name not in dataset.metadata for name in optional), dataset.name

    def test_drafts_have_no_assessment_yet(self, sample):
        drafts = [d for d in sample.datasets if d.state == "draft"]
        assert all("personal_data_assessment" not in d.metadata for d in drafts)

    def test_nothing_is_issued_after_its_last_update_or_updated_in_the_future(self, sample):
        for dataset in sample.datasets:
            assert dataset.metadata["issued"] <= dataset.metadata["modified"] <= str(TODAY)

    def test_periods_begin_before_they_end(self, sample):
        for dataset in sample.datasets:
            for period in dataset.metadata.get("temporal_coverage", []):
                assert period["start"] <= period["end"], dataset.name


class TestCodes:
    @pytest.mark.parametrize(
        ("field", "vocabulary"),
        [
            ("open_data_category", "open-data-category"),
            ("theme", "field-national"),
            ("sharing_class", "sharing-class"),
            ("access_rights", "disclosure"),
            ("frequency", "frequency"),
            ("applicable_legislation", "instrument"),
            ("language", "language"),
        ],
    )
    def test_every_code_is_in_its_vocabulary(self, sample, field, vocabulary):
        known = codes(vocabulary)
        for dataset in sample.datasets:
            used = dataset.metadata.get(field, [])
            assert known.issuperset([used] if isinstance(used, str) else used), dataset.name

    def test_codes_inside_groups_are_in_their_vocabularies(self, sample):
        for dataset in sample.datasets:
            for source in dataset.metadata.get("source_database", []):
                assert source["overlap"] in codes("overlap")
            for plan in dataset.metadata.get("quality_plan", []):
                assert plan["state"] in codes("quality-state")

    def test_agency_codes_have_the_form_of_decision_20_2020(self, sample):
        identifiers = [o.identifier for o in sample.organisations]
        assert all(AGENCY_CODE.fullmatch(code) and len(code) <= 35 for code in identifiers)
        assert len(set(identifiers)) == len(identifiers)

    def test_a_unit_has_the_code_of_its_department_before_its_own(self, sample):
        by_name = {o.name: o for o in sample.organisations}
        for unit in sample.organisations:
            if unit.parent:
                assert unit.identifier.startswith(by_name[unit.parent].identifier + ".")

    def test_levels_are_in_the_vocabulary(self, sample):
        assert {o.level for o in sample.organisations} <= codes("agency-level")

    def test_owners_and_parents_are_organisations_named_before_their_children(self, sample):
        seen: set[str] = set()
        for agency in sample.organisations:
            assert agency.parent is None or agency.parent in seen
            seen.add(agency.name)
        assert {d.owner for d in sample.datasets} <= seen
        assert {sample.editor.organisation, sample.leader.organisation} <= seen

    def test_names_are_unique_and_valid_addresses(self, sample):
        names = [d.name for d in sample.datasets]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z0-9-]{2,100}", name) for name in names)

    def test_decree_47_is_the_basis_only_of_what_came_out_before_its_repeal(self, sample):
        for dataset in sample.datasets:
            before = dataset.metadata["issued"] < "2025-08-19"
            legislation = dataset.metadata.get("applicable_legislation", [])
            assert before or "nd-47-2020" not in legislation, dataset.name
            assert before or dataset.metadata.get("license_id") != "nd47-open-data", dataset.name


class TestFictitious:
    def test_no_real_province_is_named(self, sample):
        real = labels("province") | labels("province-old")
        names = {re.sub(r"^(tỉnh|thành phố) ", "", name, flags=re.I) for name in real}
        assert len(names) > 60
        text = whole_text(sample)
        assert [name for name in names if re.search(rf"\b{name}\b", text)] == []

    def test_no_real_province_is_named_in_a_file(self, built):
        real = labels("province") | labels("province-old")
        names = {re.sub(r"^(tỉnh|thành phố) ", "", name, flags=re.I) for name in real}
        pattern = re.compile(r"\b(" + "|".join(sorted(names)) + r")\b")
        for _, file, content in built:
            if file.format in {"CSV", "JSON", "GeoJSON", "TXT"}:
                assert pattern.search(content.decode()) is None, file.filename

    def test_agency_code_and_commune_codes_are_given_to_nobody(self, sample):
        provinces = codes("province") | codes("province-old")
        assert "99" not in provinces
        assert all(place.code.startswith("99") and len(place.code) == 5 for place in sample.places)

    def test_mailboxes_and_addresses_are_under_a_reserved_domain(self, sample):
        text = whole_text(sample)
        assert "gov.vn" not in text
        hosts = re.findall(r"(?:@|https?://)([a-z0-9.-]+)", text)
        assert hosts
        assert all(host.endswith(".example") for host in hosts)

    def test_telephones_have_an_area_code_that_is_given_to_no_province(self, sample):
        assert all(o.telephone.startswith("0200 000 ") for o in sample.organisations)

    def test_documents_say_that_they_are_illustrations(self, built):
        texts = [content.decode() for _, content in of_format(built, "TXT")]
        assert texts
        assert all(NOTICE in text for text in texts)


class TestText:
    def test_all_text_is_in_nfc(self, sample, built):
        text = whole_text(sample)
        assert unicodedata.is_normalized("NFC", text)
        for _, file, content in built:
            if file.format in {"CSV", "JSON", "GeoJSON", "TXT"}:
                assert unicodedata.is_normalized("NFC", content.decode()), file.filename

    def test_field_names_are_plain_letters(self):
        assert field_code("Dung tích (triệu m³)") == "dung_tich_trieu_m3"
        assert field_code("Tỷ lệ hộ nghèo (%)") == "ty_le_ho_ngheo_phan_tram"
        assert field_code("Đường ô tô") == "duong_o_to"

    def test_a_slug_keeps_every_letter(self):
        assert slug("Thủy lợi năm 2024") == "thuy-loi-nam-2024"


class TestFiles:
    def test_one_to_three_files_a_dataset(self, sample):
        assert all(1 <= len(d.files) <= 3 for d in sample.datasets)

    def test_file_names_inside_a_dataset_differ(self, sample):
        for dataset in sample.datasets:
            names = [f.name for f in dataset.files]
            assert len(set(names)) == len(names), dataset.name

    def test_the_same_seed_gives_the_same_bytes(self, built):
        again = [f.build() for d in province(today=TODAY).datasets for f in d.files]
        for (_, file, content), other in zip(built, again, strict=True):
            assert content == other, file.filename

    def test_another_seed_gives_other_numbers(self, built):
        other = province(seed=48, today=TODAY)
        changed = next(f for d in other.datasets for f in d.files)
        assert changed.build() != built[0][2]

    def test_tables_have_twenty_to_four_hundred_rows_of_equal_width(self, built):
        for file, content in of_format(built, "CSV"):
            header, *rows = rows_of(content)
            assert 20 <= len(rows) <= 400, (file.filename, len(rows))
            assert {len(row) for row in rows} == {len(header)}, file.filename
            assert len(set(header)) == len(header), file.filename

    def test_headings_fit_into_a_column_name_of_postgresql(self, built):
        """A longer one is cut off, and then the DataStore refuses the workbook."""
        for file, content in of_format(built, "XLSX"):
            for cell in load_workbook(io.BytesIO(content)).worksheets[0][1]:
                assert len(str(cell.value).encode()) <= 63, (file.filename, cell.value)

    def test_csv_says_that_it_is_utf_8(self, built):
        """Excel garbles Vietnamese in a CSV without the mark."""
        assert all(content.startswith(b"\xef\xbb\xbf") for _, content in of_format(built, "CSV"))

    def test_workbooks_open_and_hold_the_rows_of_their_csv(self, built):
        sheets = {f.filename.removesuffix(".xlsx"): c for f, c in of_format(built, "XLSX")}
        tables = {f.filename.removesuffix(".csv"): c for f, c in of_format(built, "CSV")}
        both = sheets.keys() & tables.keys()
        assert len(both) >= 8
        for name in both:
            sheet = load_workbook(io.BytesIO(sheets[name])).worksheets[0]
            header, *rows = rows_of(tables[name])
            assert sheet.max_row == len(rows) + 1, name
            assert [field_code(str(c.value)) for c in sheet[1]] == header, name

    def test_json_holds_objects_with_equal_keys(self, built):
        for file, content in of_format(built, "JSON"):
            records = json.loads(content)
            assert len(records) >= 20, file.filename
            assert len({tuple(record) for record in records}) == 1, file.filename

    def test_maps_lie_inside_the_province(self, sample, built):
        west, south, east, north = bounding_box(sample.places)
        margin = 0.15  # a road may run over the edge
        for file, content in of_format(built, "GeoJSON"):
            features = json.loads(content)["features"]
            assert len(features) >= 20, file.filename
            for x, y in (p for f in features for p in _points(f["geometry"])):
                assert west - margin <= x <= east + margin, file.filename
                assert south - margin <= y <= north + margin, file.filename

    def test_outlines_are_closed_and_do_not_overlap(self, sample):
        for place in sample.places:
            assert place.outline[0] == place.outline[-1]
            assert 20 < place.area_km2 < 200

    def test_pdfs_hold_selectable_vietnamese_text(self, built):
        documents = of_format(built, "PDF")
        assert documents
        for file, content in documents:
            assert content.startswith(b"%PDF-"), file.filename
            assert b"/ToUnicode" in content, file.filename
            assert b"/Lang (vi)" in content, file.filename

    def test_documents_as_text_have_head_body_and_signature(self, built):
        for file, content in of_format(built, "TXT"):
            text = content.decode()
            assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text, file.filename
            assert "(Đã ký)" in text, file.filename

    def test_the_data_dictionary_names_every_column_of_the_csv(self, built):
        for file, content in of_format(built, "CSV"):
            header = rows_of(content)[0]
            assert [e.split(":")[0] for e in file.data_dictionary.splitlines()] == header

    def test_totals_add_up(self, built):
        content = next(c for f, c in of_format(built, "CSV") if f.filename == "nguoi-co-cong.csv")
        for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))):
            parts = ("thuong_binh", "benh_binh", "than_nhan_liet_si", "khac")
            assert int(row["tong_so"]) == sum(int(row[part]) for part in parts)

    def test_a_series_ends_on_the_day_of_the_last_update(self, sample):
        dataset = next(d for d in sample.datasets if d.name == "luong-mua-tram-do-mua-tu-dong")
        last = rows_of(dataset.files[0].build())[-1]
        yesterday = date.fromisoformat(dataset.metadata["modified"]) - timedelta(days=1)
        assert last[1] == yesterday.isoformat()


def _points(geometry: dict) -> list[list[float]]:
    if geometry["type"] == "Point":
        return [geometry["coordinates"]]
    if geometry["type"] == "LineString":
        return geometry["coordinates"]
    return geometry["coordinates"][0]
