"""The map: what is guessed, and the one sentence that each fault in it gets."""

from __future__ import annotations

import pytest
import yaml

from ckanext.nd47.lib import splitting
from ckanext.nd47.migrate import guess, look, mapping, proposal, words
from ckanext.nd47.migrate.reading import UnreadError, read
from ckanext.nd47.migrate.targets import known
from tests.migrate.conftest import Make

pytestmark = pytest.mark.usefixtures("portal")


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("fields: [", "Line 1 of the map is not YAML"),
        ("fields: [{from: a, to: frequency}\n\tx", "Line 2 of the map is not YAML"),
        ("- fields", "must consist of the names"),
        ("felder: []", "“felder” is not known here"),
        ("fields: x", "“fields” must be a list"),
        ("fields: [x]", "“fields” must be a list"),
        ("fields: [{to: frequency}]", "“from” must be a text"),
        ("fields: [{from: [], to: frequency}]", "“from” must be a text"),
        ("fields: [{from: a}]", "“to” must be a text"),
        ("fields: [{from: a, to: frequenzy}]", "no field “frequenzy”; perhaps “frequency”"),
        ("fields: [{from: a, to: owner_org}]", "no field “owner_org”"),
        ("fields: [{from: a, to: contact.age}]", "no field “contact.age”"),
        ("fields: [{from: a, to: frequency, wert: b}]", "“wert” is not known here"),
        ("fields: [{from: a, to: frequency, values: [b]}]", "“values” must consist of"),
        ("fields: [{from: a, to: frequency, values: {b: nie}}]", "“nie” is not in the code list"),
        ("fields: [{from: a, to: frequency, values: {b: {c: d}}}]", "is not in the code list"),
        ("fields: [{from: a, to: frequency, values: {b: [tinh, hang-nam]}}]", "holds one value"),
        ("fields: [{from: a, to: notes, values: {b: c}}]", "“notes” has no code list"),
        ("fields: [{from: a, to: license_id, values: {b: c}}]", "“c” is not in the code list"),
        ("fields: [{from: a, to: notes, remove_source: maybe}]", "must be true or false"),
        ("defaults: [{set: {frequency: tinh}}]", "say which datasets are meant"),
        ("defaults: [{for: {all: true}, set: {frequency: nie}}]", "“nie” for frequency"),
        ("defaults: [{for: {all: true}, set: {issued: hôm qua}}]", "“hôm qua” for issued"),
        ("defaults: [{for: {all: true}, set: {frequency: {a: b}}}]", "must be a text"),
        ("defaults: [{for: {all: false}, set: {frequency: tinh}}]", "“all” must be true"),
        ("defaults: [{for: {public: 7}, set: {frequency: tinh}}]", "must be true or false"),
        ("defaults: [{for: {published_from: x}, set: {frequency: tinh}}]", "“x” is no date"),
        ("leave_alone: [{organization: khong-co}]", "there is no “khong-co”"),
        ("leave_alone: [{dataset: khong-co}]", "there is no “khong-co”"),
        ("leave_alone: [{organisation: a}]", "“organisation” selects no datasets"),
        ("leave_alone: [{}]", "say which datasets are meant"),
        ('leave_alone: [{search: "a:[b"}]', "the search “a:[b” cannot be made"),
        ("fields: &a [{from: a, to: notes}]\ndefaults: *a", "is not YAML"),
        ("fields: !!python/object/apply:os.system [id]", "“fields” must be a list"),
        ("[" * 5_000, "is not YAML"),
    ],
)
def test_a_fault_in_a_map_is_named_in_one_sentence(written: str, part: str) -> None:
    with pytest.raises(mapping.MapError) as refused:
        mapping.parse(written)
    assert part in str(refused.value)
    assert "\n" not in str(refused.value)


def test_words_of_yaml_are_texts() -> None:
    mapped = mapping.parse("fields: [{from: no, to: frequency, values: {2024: tinh, yes: tinh}}]")
    assert mapped.moves[0].sources == ("no",)
    assert mapped.moves[0].choices == {"2024": ["tinh"], "yes": ["tinh"]}


@pytest.mark.parametrize("name", ["Tần suất cập nhật", "tan_suat_cap_nhat", "TAN-SUAT", "Tần xuất"])
def test_a_field_is_guessed_by_its_name_in_any_spelling(name: str) -> None:
    assert guess.field(name, "extra", [("theo yêu cầu", 3)])[0] == "frequency"


@pytest.mark.parametrize("name", ["Ghi chú", "Mã nội bộ", "x", "", "harvest_object_id"])
def test_nothing_is_guessed_of_a_name_that_means_nothing_of_ours(name: str) -> None:
    assert guess.field(name, "extra", [("abc", 3)])[0] == ""


def test_a_field_is_guessed_by_its_values_and_said_to_be_unsure() -> None:
    seen = [("hàng tháng", 5), ("HÀNG NĂM", 3), ("khác", 1)]
    assert guess.field("truong_7", "extra", seen) == ("frequency", False)
    assert guess.field("truong_7", "extra", [("hàng tháng", 1), ("khác", 3)]) == ("", False)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("hàng thánng", "hang-thang"),
        ("hàg năm", "hang-nam"),
        ("4 tháng/lần", ""),
        ("theo yêu cầu", ""),
    ],
)
def test_the_nearest_code_is_proposed_and_none_that_is_only_alike(value: str, code: str) -> None:
    assert guess.codes("frequency", [value]) == {value: code}


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("Nguyễn Văn A - 0912 345 678", {"name": "Nguyễn Văn A", "telephone": "0912 345 678"}),
        (
            "Phòng CNTT, ĐT: 0203 3835 123, Email: cntt@a.example",
            {"name": "Phòng CNTT", "telephone": "0203 3835 123", "email": "cntt@a.example"},
        ),
        (
            "Bà Trần Thị B; Chuyên viên; b@a.example",
            {"name": "Bà Trần Thị B", "position": "Chuyên viên", "email": "b@a.example"},
        ),
        ("cntt@a.example", {"email": "cntt@a.example"}),
        ("Văn phòng Sở", {"name": "Văn phòng Sở"}),
        ("", {}),
        ("x" * 5_000, {}),
    ],
)
def test_a_contact_is_split(written: str, parts: dict[str, str]) -> None:
    assert splitting.contact(written) == parts


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        (
            "Quyết định số 2053/QĐ-UBND ngày 07/7/2023 của UBND tỉnh",
            {
                "decision_number": "2053/QĐ-UBND",
                "decision_date": "2023-07-07",
                "issuer": "UBND tỉnh",
            },
        ),
        (
            "QĐ 15/2022/QĐ-UBND (01/02/2022)",
            {"decision_number": "15/2022/QĐ-UBND", "decision_date": "2022-02-01"},
        ),
        ("Số 5/QĐ-SYT ngày 31/02/2022", {"decision_number": "5/QĐ-SYT"}),
        ("Đã ban hành", {}),
        ("07/7/2023", {}),
    ],
)
def test_a_decision_is_split(written: str, parts: dict[str, str]) -> None:
    assert splitting.decision(written) == parts


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("2023", {"start": "2023-01-01", "end": "2023-12-31"}),
        ("từ 01/01/2022 đến 31/12/2023", {"start": "2022-01-01", "end": "2023-12-31"}),
        ("31/12/2023 - 01/01/2022", {}),
        ("2024-2025", {}),
        ("nhiều năm", {}),
    ],
)
def test_a_period_is_split_unless_it_can_be_read_in_two_ways(
    written: str, parts: dict[str, str]
) -> None:
    assert splitting.period(written) == parts


@pytest.mark.parametrize("name", ["Tỉnh Quảng Ninh", "quang ninh", "Toàn tỉnh Quảng Ninh"])
def test_a_province_is_found_by_its_name(name: str) -> None:
    assert splitting.place(name) == {"uri": "22", "text": name}


@pytest.mark.parametrize("name", ["Toàn tỉnh", "xã Quảng Ninh Đông", "Biển Đông"])
def test_another_place_is_a_text(name: str) -> None:
    assert splitting.place(name) == {"text": name}


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("frequency", "theo yêu cầu"),
        ("frequency", "hàng tháng; hàng năm"),
        ("issued", "31/02/2024"),
        ("contact.email", "không phải hộp thư"),
        ("contact.telephone", "gọi văn phòng"),
        ("usage_regulation", "xem trang chủ"),
        ("contact.name", "x" * 501),
        ("notes", "a\x00b"),
        ("license_id", "Giấy phép tự nghĩ ra"),
        ("temporal_coverage", "nhiều năm"),
    ],
)
def test_a_text_that_a_field_cannot_hold_is_not_read(path: str, written: str) -> None:
    with pytest.raises(UnreadError):
        read(known()[path], written)


def test_several_codes_are_read_one_by_one_and_labels_with_commas_stay_whole() -> None:
    assert read(known()["theme"], "Kinh tế, thương mại; Y TẾ, giáo dục") == [
        "kinh-te-thuong-mai",
        "y-te",
        "giao-duc",
    ]


def test_text_that_says_there_is_nothing_gives_nothing() -> None:
    assert read(known()["contact.email"], "Không có") == ""


@pytest.fixture
def odd(make: Make) -> list[str]:
    return make(3, extras={"Tần suất": "hàng thánng", "x: [y": "'\"{", "Năm": "2023"})


@pytest.mark.usefixtures("odd")
def test_look_counts_values_and_says_what_they_may_be() -> None:
    seen = {one["name"]: one for one in look.look()}
    assert seen["Tần suất"]["values"] == [{"value": "hàng thánng", "datasets": 3}]
    assert (seen["Tần suất"]["field"], seen["Tần suất"]["sure"]) == ("frequency", True)
    assert seen["x: [y"]["field"] == ""
    assert seen["license_id"]["datasets"] == 3


@pytest.mark.usefixtures("odd")
def test_the_proposed_map_can_be_read_and_has_the_mistyped_values() -> None:
    written = proposal.propose()
    moves = {
        one["from"]: one for one in yaml.safe_load(written)["fields"] if one["to"] != "contact"
    }
    assert moves["Tần suất"]["values"] == {"hàng thánng": "hang-thang"}
    assert moves["Năm"]["to"] == "temporal_coverage"
    assert "x: [y" not in moves
    assert mapping.parse(written).moves
    assert not any(one.confirmed for one in mapping.parse(written).defaults)


def test_every_name_in_the_file_of_names_is_of_a_field() -> None:
    assert set(words.field_names().values()) <= set(known())
