"""The reference to a dataset, in every format, read back by programs that others wrote."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from typing import Any

import pytest
import rispy
from citeproc.source import json as citeproc_json
from pybtex import database

from ckan.tests import factories

from ckanext.nd47.metadata import citation
from ckanext.nd47.metadata.citation import FORMATS, apa, bibtex, csl_json, ris
from tests.metadata.conftest import PLUGINS

EXAMPLE = citation.Citation(
    key="danh-sach-truong",
    title="Danh sách trường tiểu học",
    author="Sở Giáo dục và Đào tạo",
    publisher="Cổng dữ liệu mở tỉnh Hải Sơn",
    identifier="H99.02-000017",
    version="1.0",
    url="https://dulieu.haison.example/dataset/danh-sach-truong",
    updated=(2026, 1, 5),
    accessed=dt.date(2026, 11, 22),
    language="vi",
    licence="Dữ liệu mở của cơ quan nhà nước",
    statement="Sở Giáo dục và Đào tạo, “Danh sách trường tiểu học”.",
)
BARE = replace(
    EXAMPLE, author="", publisher="", identifier="", version="", updated=(), language="", licence=""
)
HOSTILE = [
    "Giá & phí: 100% #1_$x^2~{a}\\b",
    "} , author = {Kẻ khác",
    "{{{",
    "}}}",
    "\\input{/etc/passwd}",
    "\\",
    "\"quoted\" 'and' “cong”",
    "<script>alert(1)</script>",
    "ER  - ",
    "Ðặng thị đ — ữ ỹ 学校 🏫",
    "@misc{x,",
    "a, b and c",
]


def parsed_bibtex(text: str) -> Any:
    """Return the only entry of a BibTeX file."""
    entries = database.parse_string(text, "bibtex").entries
    (entry,) = entries.values()
    return entry


PRINTED = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciicircum{}": "^",
    r"\textasciitilde{}": "~",
    r"\$": "$",
    r"\&": "&",
    r"\%": "%",
    r"\#": "#",
    r"\_": "_",
}
"""What LaTeX prints for its commands in text (LaTeX2e, fntguide, and The TeXbook, chapter 7)."""
COMMAND = re.compile("|".join(map(re.escape, PRINTED)))
SPECIAL = set("\\{}$&%#_^~")


def latex_decoded(text: str) -> str:
    """Return what LaTeX would print; a special character that stands bare is a fault."""
    inner = text.removeprefix("{").removesuffix("}")
    assert not SPECIAL & set(COMMAND.sub("", inner)), inner
    return COMMAND.sub(lambda found: PRINTED[found[0]], inner)


def parsed_ris(text: str) -> dict[str, Any]:
    """Return the only record of a RIS file."""
    (record,) = rispy.loads(text)
    return record


class TestBibtex:
    def test_says_what_is_known(self):
        entry = parsed_bibtex(bibtex(EXAMPLE))
        assert entry.type == "misc"
        assert latex_decoded(entry.fields["title"]) == EXAMPLE.title
        assert entry.fields["year"] == "2026"
        assert entry.fields["url"] == EXAMPLE.url
        assert entry.fields["urldate"] == "2026-11-22"
        assert entry.fields["number"] == EXAMPLE.identifier

    def test_agency_is_one_name(self):
        (person,) = parsed_bibtex(bibtex(EXAMPLE)).persons["author"]
        assert latex_decoded(str(person)) == EXAMPLE.author

    def test_says_nothing_of_what_is_unknown(self):
        entry = parsed_bibtex(bibtex(BARE))
        assert set(entry.fields) == {"title", "type", "url", "urldate"}
        assert not entry.persons

    @pytest.mark.parametrize("title", HOSTILE)
    def test_any_title_and_agency_come_back_as_they_were(self, title):
        text = bibtex(replace(EXAMPLE, title=title, author=title))
        entry = parsed_bibtex(text)
        # BibTeX makes blanks single.
        expected = " ".join(title.split())
        assert latex_decoded(entry.fields["title"].strip()).strip() == expected
        names = [latex_decoded(str(person)).strip() for person in entry.persons["author"]]
        assert names == [expected]
        assert entry.fields["year"] == "2026"

    @pytest.mark.parametrize("title", HOSTILE)
    def test_two_in_one_file_stay_two(self, title):
        first = bibtex(replace(EXAMPLE, title=title))
        second = bibtex(replace(EXAMPLE, key="khac"))
        entries = database.parse_string(first + second, "bibtex").entries
        assert list(entries) == [EXAMPLE.key, "khac"]


class TestRis:
    def test_says_what_is_known(self):
        record = parsed_ris(ris(EXAMPLE))
        assert record["type_of_reference"] == "DATA"
        assert record["title"] == EXAMPLE.title
        assert record["authors"] == [EXAMPLE.author]
        assert record["year"] == "2026"
        assert record["date"] == "2026/01/05/"
        assert record["urls"] == [EXAMPLE.url]
        assert record["accession_number"] == EXAMPLE.identifier

    def test_says_nothing_of_what_is_unknown(self):
        record = parsed_ris(ris(BARE))
        assert not {"authors", "year", "date", "accession_number", "language"} & set(record)

    @pytest.mark.parametrize("title", [one for one in HOSTILE if one != "ER  - "])
    def test_any_title_comes_back_as_it_was(self, title):
        assert parsed_ris(ris(replace(EXAMPLE, title=title)))["title"] == title

    def test_title_that_looks_like_the_end_does_not_end_it(self):
        record = parsed_ris(ris(replace(EXAMPLE, title="ER  - ")))
        assert record["urls"] == [EXAMPLE.url]

    def test_lines_end_as_the_format_asks(self):
        text = ris(EXAMPLE)
        assert text.endswith("ER  - \r\n")
        assert text.count("\n") == text.count("\r\n")


class TestCslJson:
    def test_program_for_citations_reads_it(self):
        items = citeproc_json.CiteProcJSON(json.loads(csl_json(EXAMPLE)))
        item = items[EXAMPLE.key]
        assert str(item.title) == EXAMPLE.title
        assert item.issued.year == 2026
        assert item.author[0].literal == EXAMPLE.author

    def test_agency_is_one_name(self):
        (item,) = json.loads(csl_json(EXAMPLE))
        assert item["author"] == [{"literal": EXAMPLE.author}]
        assert item["issued"] == {"date-parts": [[2026, 1, 5]]}

    def test_says_nothing_of_what_is_unknown(self):
        (item,) = json.loads(csl_json(BARE))
        assert set(item) == {"id", "type", "title", "accessed", "URL"}

    @pytest.mark.parametrize("title", HOSTILE)
    def test_any_title_comes_back_as_it_was(self, title):
        assert json.loads(csl_json(replace(EXAMPLE, title=title)))[0]["title"] == title


class TestApa:
    def test_reads_like_apa(self):
        assert apa(EXAMPLE) == (
            "Sở Giáo dục và Đào tạo. (2026-01-05). Danh sách trường tiểu học (No. H99.02-000017) "
            "(Version 1.0) [Data set]. Cổng dữ liệu mở tỉnh Hải Sơn. "
            "https://dulieu.haison.example/dataset/danh-sach-truong\n"
        )

    def test_says_when_there_is_no_date(self):
        assert apa(BARE) == f"(n.d.). Danh sách trường tiểu học [Data set]. {EXAMPLE.url}\n"

    def test_portal_that_is_the_agency_is_named_once(self):
        assert apa(replace(EXAMPLE, publisher=EXAMPLE.author)).count(EXAMPLE.author) == 1


class TestLine:
    @pytest.mark.parametrize(
        "text",
        [
            "a\nb",
            "a\r\nb",
            "a\u2028b",
            "a\u2029b",
            "a\x85b",
            "a\x00b",
            "a\x1bb",
            "a\ufeffb",
            "a\t b",
        ],
    )
    def test_whatever_breaks_a_line_becomes_a_blank(self, text):
        assert citation.one_line(text) == "a b"

    def test_half_of_a_surrogate_pair_goes(self):
        assert citation.one_line("a\ud800b").encode("utf-8") == b"a b"


@pytest.mark.ckan_config("ckan.plugins", PLUGINS)
# No rule stands in the way of a dataset that says only what a test is about.
@pytest.mark.ckan_config("ckanext.nd47.rules_from", "2999-01-01")
@pytest.mark.usefixtures("with_plugins", "non_clean_db")
class TestAddress:
    @pytest.mark.parametrize(
        ("extension", "media_type"),
        [
            ("txt", "text/plain"),
            ("bib", "application/x-bibtex"),
            ("ris", "application/x-research-info-systems"),
            ("json", "application/vnd.citationstyles.csl+json"),
        ],
    )
    def test_gives_a_file(self, app, create, extension, media_type):
        made = create(title="Danh sách trường")
        reply = app.get(f"/dataset/{made['name']}/citation.{extension}")
        assert reply.headers["Content-Type"] == f"{media_type}; charset=utf-8"
        assert reply.headers["Content-Disposition"] == (
            f'attachment; filename="{made["name"]}.{extension}"'
        )
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "Danh sách trường" in reply.body

    def test_names_the_responsible_agency(self, app, create, province):
        made = create()
        (item,) = json.loads(app.get(f"/dataset/{made['id']}/citation.json").body)
        assert item["author"] == [{"literal": province["title"]}]
        assert item["number"] == made["identifier"]

    def test_break_in_a_title_starts_no_new_field(self, app, create):
        made = create(title="Danh sách\nAU  - Kẻ khác")
        record = parsed_ris(app.get(f"/dataset/{made['name']}/citation.ris").body)
        assert record["title"] == "Danh sách AU - Kẻ khác"

    @pytest.mark.parametrize("extension", ["xml", "exe", "", "bib/x"])
    def test_of_another_format_is_not_there(self, app, create, extension):
        app.get(f"/dataset/{create()['name']}/citation.{extension}", status=404)

    def test_of_an_unknown_dataset_is_not_there(self, app):
        app.get("/dataset/khong-co/citation.bib", status=404)

    def test_of_a_private_dataset_is_not_there_for_a_visitor(self, app, create):
        made = create(private=True)
        for extension in FORMATS:
            app.get(f"/dataset/{made['name']}/citation.{extension}", status=404)

    def test_of_a_private_dataset_is_there_for_its_agency(self, app, create):
        made = create(private=True, title="Riêng")
        user = factories.SysadminWithToken()
        reply = app.get(
            f"/dataset/{made['name']}/citation.bib", headers={"Authorization": user["token"]}
        )
        assert "Riêng" in reply.body

    def test_of_a_dataset_with_nothing_but_a_title(self):
        reference = citation.reference({"title": "Trơ trọi"}, dt.date(2026, 11, 22))
        for form in FORMATS.values():
            assert "Trơ trọi" in form.write(reference)
