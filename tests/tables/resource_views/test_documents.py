"""PDF, text and JSON show in the page, and nothing of them is taken for a page."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup

from ckan.tests.helpers import call_action

from tests.tables.resource_views.showing import (
    accounts,
    app,
    checked,
    options,
    page,
    path,
    portal,
    upload,
    view,
)

__all__ = ["accounts", "app", "checked", "options", "portal", "upload"]

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HOSTILE = "<script>window.injected=1</script><img src=x onerror=alert(1)>"


def shown(html: str) -> str:
    element = BeautifulSoup(html, "html.parser").select_one("pre.nd47-document-text")
    assert element is not None
    return element.get_text()


@pytest.fixture
def content(app, upload, accounts):
    """Returns the page of an uploaded file with its content."""

    def make(name: str, body: bytes, format_: str) -> str:
        resource = upload(name, body, format=format_)
        return page(app, resource, view(accounts, resource, "nd47_document_view"))

    return make


class TestText:
    def test_a_text_is_shown(self, content):
        assert shown(content("a.txt", "Xã Kỳ Lâm".encode(), "TXT")) == "Xã Kỳ Lâm"

    def test_markup_in_a_text_stays_text(self, content):
        html = content("a.txt", HOSTILE.encode(), "TXT")
        assert shown(html) == HOSTILE
        assert HOSTILE not in html

    def test_json_has_one_value_on_a_line(self, content):
        body = json.dumps({"xa": "Kỳ Lâm", "html": HOSTILE}).encode()
        html = content("a.json", body, "JSON")
        assert '  "xa": "Kỳ Lâm",' in shown(html).splitlines()
        assert HOSTILE not in html

    def test_broken_json_is_shown_as_it_is(self, content):
        assert shown(content("a.json", b'{"a": ', "JSON")) == '{"a": '

    def test_deeply_nested_json_is_shown_as_it_is(self, content):
        assert shown(content("a.json", b"[" * 50_000, "JSON")).startswith("[[[[")

    def test_only_the_beginning_of_a_long_text_is_shown(self, content):
        html = content("a.txt", b"a" * 300_000, "TXT")
        assert len(shown(html)) == 100_000
        assert "Chỉ hiện phần đầu của tệp." in html

    @pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
    def test_encodings_of_unicode_are_read(self, content, codec):
        assert shown(content("a.txt", "Đất đai".encode(codec), "TXT")) == "Đất đai"

    def test_an_old_encoding_is_read_as_the_check_has_found_it(self, app, checked, accounts):
        body = ("ten\n" + "Quyết định về giá đất năm 2026\n" * 20).encode("cp1258", "replace")
        resource = checked("a.csv", body, format="TXT")
        stated = call_action("nd47_file_check", {"user": accounts["sysadmin"]}, id=resource["id"])[
            "understood"
        ].get("encoding", "")
        html = page(app, resource, view(accounts, resource, "nd47_document_view"))
        assert shown(html)
        assert stated

    def test_what_is_no_text_ends_in_a_sentence(self, content):
        html = content("a.txt", b"\x00\x01\x02" * 100, "TXT")
        assert "Không đọc được tệp này." in html


class TestPdf:
    def test_a_pdf_stands_in_a_frame_that_loads_late(self, content):
        frame = BeautifulSoup(content("a.pdf", PDF, "PDF"), "html.parser").select_one(
            "iframe.nd47-pdf"
        )
        assert frame is not None
        assert frame["loading"] == "lazy"
        assert str(frame["src"]).startswith("/vi/dataset/")

    def test_it_is_shown_and_not_saved(self, app, upload):
        answer = app.get(path(upload("a.pdf", PDF, format="PDF"), "document.pdf"))
        assert answer.data == PDF
        assert answer.content_type == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]

    @pytest.mark.parametrize(
        "body", [b"<html><script>alert(1)</script></html>", b"PK\x03\x04", b"", HOSTILE.encode()]
    )
    def test_what_is_no_pdf_is_not_served_as_one(self, app, upload, body):
        resource = upload("a.pdf", body or b" ", format="PDF")
        assert app.get(path(resource, "document.pdf")).status_code == 404

    def test_a_private_file_is_not_shown_to_visitors(self, app, upload, accounts):
        resource = upload("a.pdf", PDF, format="PDF")
        call_action(
            "package_patch", {"user": accounts["sysadmin"]}, id=resource["package_id"], private=True
        )
        assert app.get(path(resource, "document.pdf")).status_code in {403, 404}


class TestLinkedFile:
    @pytest.mark.parametrize("url", ["https://xa.example/a.pdf", "http://127.0.0.1:1/a.pdf"])
    def test_nothing_is_loaded_from_another_server(self, app, upload, accounts, url):
        beside = upload("b.txt", b"b")
        resource = call_action(
            "resource_create",
            {"user": accounts["sysadmin"]},
            package_id=beside["package_id"],
            url=url,
            format="PDF",
        )
        html = page(app, resource, view(accounts, resource, "nd47_document_view"))
        section = BeautifulSoup(html, "html.parser").select_one("section.nd47-view")
        assert section is not None
        assert section.select("iframe, img, object, embed") == []
        assert "Tệp nằm trên máy chủ khác" in section.get_text()
        assert app.get(path(resource, "document.pdf")).status_code == 404
