"""Forms of single values."""

from __future__ import annotations

import pytest

from ckanext.nd47.lib.fields import values


def refused():
    return pytest.raises(ValueError)  # noqa: PT011 - the words are the validators' business


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2024", "2024"),
        ("2024-02", "2024-02"),
        ("2024-02-29", "2024-02-29"),
        ("2024-1-5", "2024-01-05"),
        ("05/04/2025", "2025-04-05"),
        ("5.4.2025", "2025-04-05"),
        ("31-12-2024", "2024-12-31"),
        ("12/2024", "2024-12"),
        (" 2024-05-06T16:59:59Z ", "2024-05-06"),
        ("2024-05-06T17:00:00Z", "2024-05-07"),
        ("2024-05-06T23:30:00+07:00", "2024-05-06"),
        ("2024-05-07T01:30:00+09:00", "2024-05-06"),
        ("2024-05-06T23:59:59", "2024-05-06"),
        ("31/12/2024 23:30", "2024-12-31"),
        ("ngày 05 tháng 4 năm 2025", "2025-04-05"),
        ("Ngày 5/4/2025", "2025-04-05"),
        ("5 tháng 4, 2025", "2025-04-05"),
        ("tháng 4 năm 2025", "2025-04"),
        ("Tháng 4/2025", "2025-04"),
        ("năm 2025", "2025"),
    ],
)
def test_date_is_stored_in_iso_form(written, stored):
    """05/04/2025 is 5 April, as everybody in Vietnam reads it; a moment has its day there."""
    assert values.date(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "31/02/2024",
        "2023-02-29",
        "2024-13-01",
        "0000",
        "05/04/25",
        "",
        "hôm nay",
        "13/31/2024",
        "ngày 31 tháng 2 năm 2024",
        "9999-12-31T23:00:00Z",
    ],
)
def test_what_is_no_date_is_refused(written):
    with refused():
        values.date(written)


@pytest.mark.parametrize(
    ("written", "stored"),
    [("H99", "H99"), (" h99.02 ", "H99.02"), ("G12.12.A1", "G12.12.A1"), ("Z01ABC", "Z01ABC")],
)
def test_agency_code_is_stored_in_capitals(written, stored):
    assert values.agency_code(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "H9",
        "H99.",
        "H99..1",
        "H-99",
        "Z00A",
        "Z01",
        "H99.ă",
        "H99." + "1" * 32,
        "000.00.00.H49",
    ],
)
def test_other_agency_codes_are_refused(written):
    """36 characters are one too many; the older reversed form is not that of Decision 20/2020."""
    with refused():
        values.agency_code(written)


@pytest.mark.parametrize(
    "written",
    [
        "1022",
        "0203 3835 123",
        "+84 (203) 383-5123",
        "0203.3835123 máy lẻ 12",
        "(0236) 3822999",
        "(024) 3823 1234/3823 1235",
        "Liên hệ Cục A05: 069.000.4053",
        "(0200) 3824 Báo cáo qua 113",
    ],
)
def test_telephone_numbers_are_taken_as_written(written):
    assert values.phone(written) == written


def test_numbers_on_several_lines_come_on_one():
    assert values.phone("0694.000.211\r\n 02000.818.568") == "0694.000.211; 02000.818.568"


@pytest.mark.parametrize(
    "written", ["", "1", "gọi Lan", "0203<script>", "1" * 60, "0236 3822999 " * 20, "a@b.vn"]
)
def test_other_telephone_numbers_are_refused(written):
    with refused():
        values.phone(written)


@pytest.mark.parametrize("written", ["Không công bố", "không có thông tin.", " - ", "N/A"])
def test_words_that_say_there_is_none_are_nothing(written):
    assert values.phone(written) == values.email(written) == ""


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a@x.vn\u00a0", "a@x.vn"),
        ("a@x.vn, b@x.vn", "a@x.vn; b@x.vn"),
        ("a@x.vn b@x.vn", "a@x.vn; b@x.vn"),
        ("a@x.vn/b@x.vn", "a@x.vn; b@x.vn"),
        ("a@x.vn và b@x.vn", "a@x.vn; b@x.vn"),
        ("a@x.vn\nA@X.VN", "a@x.vn"),
        ("mailto:a@x.vn?subject=Chào", "a@x.vn"),
        ("a @ x . vn", "a@x.vn"),
        ("Email: a@x.vn", "a@x.vn"),
        ("Văn thư: a@x.vn", "Văn thư <a@x.vn>"),
        ("a@x.vn (Văn thư)", "Văn thư <a@x.vn>"),
        ("Nguyễn A, Văn thư <a@x.vn>", "Nguyễn A, Văn thư <a@x.vn>"),
    ],
)
def test_mailboxes_are_understood_in_usual_spellings(written, stored):
    assert values.email(written) == stored
    assert values.email(stored) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a@",
        "ă@x.vn",
        "a@x..vn",
        "du lieu@x.vn",
        "https://a@x.vn",
        "a@x.vn; ở tầng 2",
        "A <a@x.vn",
    ],
)
def test_what_is_no_mailbox_or_may_be_two_is_refused(written):
    """`du lieu@x.vn` is a mailbox with a blank, or a name before one."""
    with refused():
        values.email(written)


@pytest.mark.parametrize(
    "written", ["https://a.vn/x?y=1#z", "http://127.0.0.1:5000/", "https://a.vn/dữ-liệu"]
)
def test_web_addresses_are_taken(written):
    assert values.web_address(f" {written}\n") == written


@pytest.mark.parametrize(
    "written",
    [
        "",
        "www.a.vn",
        "http://",
        "//a.vn",
        "ftp://a.vn/x",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a.vn b/x",
        "https://a.vn/x https://a.vn/y",
        "https://a.vn/x; www.b.vn",
        "https://a.vn/a\nb",
        "https://a.vn/" + "a" * 4_000,
        "https://a.vn/<script>",
        "https://[::1",
    ],
)
def test_other_addresses_are_refused(written):
    with refused():
        values.web_address(written)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("https://a.vn/du lieu/bang.xlsx", "https://a.vn/du%20lieu/bang.xlsx"),
        ("https://a.vn/dữ liệu.csv\u00a0", "https://a.vn/dữ%20liệu.csv"),
        ("https://a.vn/x?q=a b", "https://a.vn/x?q=a%20b"),
        ("https://a.vn/du%20lieu", "https://a.vn/du%20lieu"),
    ],
)
def test_blanks_of_an_address_are_written_as_browsers_do(written, stored):
    assert values.web_address(written) == stored


@pytest.mark.parametrize("written", ["79", "26734", "https://a.vn/noi"])
def test_places_are_codes_or_addresses(written):
    assert values.place(written) == written


@pytest.mark.parametrize("written", ["7", "790", "Hà Nội", "7a"])
def test_other_places_are_refused(written):
    with refused():
        values.place(written)


def test_text_is_brought_to_nfc():
    assert values.clean_text("Thu\u0309y lo\u031b\u0323i") == "Thủy lợi"


def test_text_keeps_tabs_line_breaks_and_emoji():
    assert values.clean_text("a\tb\r\nc 🌾") == "a\tb\r\nc 🌾"


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\x7f", "\x85", "\ud800", "\uffff"])
def test_text_with_what_cannot_be_stored_is_refused_by_its_number(character):
    with pytest.raises(ValueError, match=rf"U\+{ord(character):04X}"):
        values.clean_text(f"a{character}b")


def test_one_line_has_single_blanks():
    assert values.one_line("  a \n b\t c ") == "a b c"


@pytest.mark.parametrize("written", ["Không có", "khong co.", " KHÔNG  CÔNG BỐ", "N/A", "-", "…"])
def test_words_for_no_value_are_none_in_any_spelling(written):
    assert values.means_no_value(written)
    assert (values.phone(written), values.email(written)) == ("", "")


@pytest.mark.parametrize("written", ["Không rõ số", "0236 3822 999", "n", "có"])
def test_other_words_are_values(written):
    assert not values.means_no_value(written)
