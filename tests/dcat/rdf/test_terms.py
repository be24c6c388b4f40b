from __future__ import annotations

import datetime as dt

import pytest
from pyoxigraph import Literal, NamedNode

from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.rdf.statements import XSD


class TestWeb:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("https://a.vn/x", "https://a.vn/x"),
            (" http://a.vn ", "http://a.vn"),
            ("https://a.vn:8080/x?q=1#top", "https://a.vn:8080/x?q=1#top"),
            ("https://a.vn/thủy lợi", "https://a.vn/thủy%20lợi"),
            ('https://a.vn/"x"<y>', "https://a.vn/%22x%22%3Cy%3E"),
            ("https://a.vn/100%", "https://a.vn/100%25"),
            ("https://a.vn/a%20b", "https://a.vn/a%20b"),
            ("https://a.vn/x#a#b", "https://a.vn/x#a%23b"),
            ("https://a.vn/\u202ex\x07", "https://a.vn/x"),
            ("https://[::1]/x", "https://[::1]/x"),
            ("https://a.vn/[1]{2}|\\^`", "https://a.vn/%5B1%5D%7B2%7D%7C%5C%5E%60"),
        ],
    )
    def test_an_address_becomes_a_legal_iri(self, given: str, expected: str):
        assert terms.web_iri(given) == NamedNode(expected)

    @pytest.mark.parametrize(
        "given",
        [
            None,
            "",
            5,
            "a.vn/x",
            "/dataset/x",
            "javascript:alert(1)",
            "ftp://a.vn/x",
            "https://",
            "https:///x",
            "https://a b.vn/x",
            "https://a.vn:port/x",
            "https://a.vn:99999/x",
            "https://user:secret@a.vn/x",
            "https://[::1/x",
            "nong-nghiep",
        ],
    )
    def test_anything_else_gives_nothing(self, given: object):
        assert terms.web_iri(given) is None


class TestText:
    def test_it_carries_the_language(self):
        assert terms.text("Hồ chứa", "vi") == Literal("Hồ chứa", language="vi")

    def test_characters_that_xml_cannot_hold_are_dropped(self):
        assert terms.text("a\x00b\x0bc\ud800d\ufffe") == Literal("abcd")

    def test_line_breaks_and_emoji_stay(self):
        assert terms.text("a\n\tb 😀") == Literal("a\n\tb 😀")

    @pytest.mark.parametrize("given", [None, "", "  ", "\x00", [], {"vi": "x"}])
    def test_nothing_readable_gives_nothing(self, given: object):
        assert terms.text(given) is None

    def test_a_language_that_is_none_is_left_off(self):
        assert terms.text("x", "không rõ") == Literal("x")


class TestDate:
    @pytest.mark.parametrize(
        ("given", "lexical", "datatype"),
        [
            ("2024", "2024", "gYear"),
            ("2024-05", "2024-05", "gYearMonth"),
            ("2024-05-31", "2024-05-31", "date"),
            ("2024-05-31T08:00:00", "2024-05-31T08:00:00+00:00", "dateTime"),
            ("2024-05-31T08:00:00+07:00", "2024-05-31T08:00:00+07:00", "dateTime"),
            (dt.datetime(2024, 5, 31, 8), "2024-05-31T08:00:00+00:00", "dateTime"),  # noqa: DTZ001 (CKAN hands out moments in UTC that do not say so)
        ],
    )
    def test_it_keeps_its_precision(self, given: object, lexical: str, datatype: str):
        found = terms.date(given)
        assert found is not None
        assert (found.value, found.datatype) == (lexical, NamedNode(f"{XSD}{datatype}"))

    @pytest.mark.parametrize(
        "given", [None, "", "31/05/2024", "2024-13", "2024-02-30", "hôm qua", "0", "24"]
    )
    def test_what_is_not_a_date_gives_nothing(self, given: object):
        assert terms.date(given) is None


class TestOthers:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("0299 382 2001", ["tel:02993822001"]),
            ("+84 (299) 382-2001", ["tel:+842993822001"]),
            ("1022", ["tel:1022"]),
            ("gọi 1022", ["tel:1022"]),
            ("0299.3822001 máy lẻ 12", ["tel:02993822001;ext=12"]),
            ("(0299) 3822001; 0905 123 456", ["tel:02993822001", "tel:0905123456"]),
        ],
    )
    def test_telephone_numbers(self, given: str, expected: list[str]):
        assert list(terms.phone_iris(given)) == [NamedNode(one) for one in expected]

    @pytest.mark.parametrize("given", [None, "", "gọi Lan", "12", "1" * 16])
    def test_no_telephone_number(self, given: object):
        assert terms.phone_iris(given) == {}

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("a@b.vn; Văn thư <c@b.vn>", ["mailto:a@b.vn", "mailto:c@b.vn"]),
            ("a@b.vn", ["mailto:a@b.vn"]),
            ("không có", []),
            (None, []),
        ],
    )
    def test_each_mailbox_of_a_field_has_an_iri(self, given: object, expected: list[str]):
        assert terms.mail_iris(given) == [NamedNode(one) for one in expected]

    @pytest.mark.parametrize("given", ["a@b.vn", "mailto:a@b.vn", " a@b.vn "])
    def test_a_mail_address(self, given: str):
        assert terms.mail_iri(given) == NamedNode("mailto:a@b.vn")

    @pytest.mark.parametrize(
        "given", [None, "", "a@b", "a b@c.vn", "a@b.vn?bcc=x@y.vn", "<a@b.vn>"]
    )
    def test_no_mail_address(self, given: object):
        assert terms.mail_iri(given) is None

    @pytest.mark.parametrize(("given", "expected"), [(0, "0"), ("12", "12"), ("0012", "12")])
    def test_a_size(self, given: object, expected: str):
        found = terms.size(given)
        assert found is not None
        assert found.value == expected

    @pytest.mark.parametrize("given", [None, "", -1, "1.5", "12 KB", "١٢"])
    def test_no_size(self, given: object):
        assert terms.size(given) is None
