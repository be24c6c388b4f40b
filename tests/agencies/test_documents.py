"""Appointing documents as files: taken, given to editors, and to nobody else."""

from __future__ import annotations

import io
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.agencies import focal_points
from ckanext.nd47.agencies.model import Document
from tests.agencies.conftest import People, api, focal_point

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def file(content: bytes = PDF, name: str = "Quyết định 12.pdf") -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


@pytest.fixture
def officer(department: dict[str, Any]) -> Any:
    made = focal_point(department["id"], document_upload=file())
    yield made
    record = model.Session.get(Document, made["id"])
    if record:
        call_action("nd47_focal_point_update", id=made["id"], clear_document=True)
    call_action("nd47_focal_point_delete", id=made["id"])


class TestTaken:
    def test_it_comes_back_as_it_was(self, officer: dict[str, Any]) -> None:
        found = focal_points.document(officer["id"])
        assert officer["document_file"] == "Quyết định 12.pdf"
        assert found is not None
        assert (found.content, found.media_type) == (PDF, "application/pdf")

    def test_a_change_without_one_keeps_it(self, officer: dict[str, Any]) -> None:
        call_action("nd47_focal_point_update", id=officer["id"], position="Phó phòng")
        assert focal_points.document(officer["id"]) is not None

    def test_another_one_takes_its_place(self, officer: dict[str, Any]) -> None:
        call_action("nd47_focal_point_update", id=officer["id"], document_upload=file(PDF + b"2"))
        found = focal_points.document(officer["id"])
        assert found is not None
        assert found.content == PDF + b"2"

    def test_it_is_taken_away(self, officer: dict[str, Any]) -> None:
        shown = call_action("nd47_focal_point_update", id=officer["id"], clear_document=True)
        assert shown["document_file"] == ""
        assert focal_points.document(officer["id"]) is None

    def test_it_goes_with_its_record(self, department: dict[str, Any]) -> None:
        made = focal_point(department["id"], document_upload=file())
        call_action("nd47_focal_point_delete", id=made["id"])
        assert focal_points.document(made["id"]) is None
        told = call_action("nd47_register_history", agency=department["id"])["results"][0]
        assert "Quyết định 12" not in str(told)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"<html><script>alert(1)</script></html>", "PDF"),
            (b"MZ\x90\x00" + b"\x00" * 200, "PDF"),
            (b"", "PDF"),
            (PDF + b"\x00" * focal_points.LARGEST_DOCUMENT, "5 MB"),
        ],
        ids=["html", "program", "empty", "large"],
    )
    def test_anything_else_is_refused_and_nothing_is_recorded(
        self, department: dict[str, Any], content: bytes, message: str
    ) -> None:
        with pytest.raises(tk.ValidationError, match=message):
            focal_point(department["id"], document_upload=file(content, "a.pdf"))
        model.Session.rollback()
        terms = call_action("nd47_focal_point_list", agency=department["id"], all_terms=True)
        assert terms["count"] == 0

    def test_a_text_in_its_place_is_refused(self, department: dict[str, Any]) -> None:
        with pytest.raises(tk.ValidationError, match="not a text"):
            focal_point(department["id"], document_upload="/etc/passwd")

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\Quyết định.docx", "Quyết định.pdf"),
            ("a\x00b.pdf", "van-ban.pdf"),
            (" .pdf", "van-ban.pdf"),
            ("x" * 500, "x" * 200 + ".pdf"),
        ],
    )
    def test_its_name_is_a_name(self, sent: str, kept: str) -> None:
        found = focal_points.uploaded_document({focal_points.DOCUMENT_UPLOAD: file(name=sent)})
        assert found is not None
        assert found.name == kept


class TestGiven:
    def path(self, department: dict[str, Any], officer: dict[str, Any]) -> str:
        return f"/organization/register/{department['name']}/focal-point/{officer['id']}/document"

    @pytest.mark.parametrize(
        ("role", "status"),
        [("sysadmin", 200), ("admin", 200), ("editor", 200), ("member", 403), ("foreign", 403)],
    )
    def test_to_editors_of_the_agency(
        self,
        app: CKANTestApp,
        people: People,
        department: dict[str, Any],
        neighbour: dict[str, Any],
        officer: dict[str, Any],
        role: str,
        status: int,
    ) -> None:
        model.Session.commit()
        headers = {"Authorization": getattr(people, role)["token"]}
        reply = app.get(self.path(department, officer), headers=headers)
        assert reply.status_code == status
        if status == 200:
            assert reply.data == PDF
            assert reply.headers["Content-Disposition"].startswith("attachment")
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert "no-store" in reply.headers["Cache-Control"]

    def test_to_no_visitor_in_any_way(
        self, app: CKANTestApp, department: dict[str, Any], officer: dict[str, Any]
    ) -> None:
        model.Session.commit()
        assert app.get(self.path(department, officer)).status_code == 403
        shown = api(app, None, "nd47_focal_point_show", id=officer["id"])
        assert "Quyết định" not in str(shown.json)
        assert "document" not in str(shown.json["result"])

    def test_the_form_sends_it(
        self, app: CKANTestApp, people: People, department: dict[str, Any], officer: dict[str, Any]
    ) -> None:
        model.Session.commit()
        base = f"/organization/register/{department['name']}"
        headers = {"Authorization": people.admin["token"]}
        form = f"{base}/focal-point/{officer['id']}"
        assert "Quyết định 12.pdf" in app.get(form, headers=headers).text
        data = {
            "role": "feedback",
            "rank": "main",
            "email": "a@b.example",
            "valid_from": "2025-01-01",
            "document_upload": (io.BytesIO(PDF + b"3"), "Quyết định 13.pdf"),
        }
        app.post(form, headers=headers, data=data, content_type="multipart/form-data")
        assert "Quyết định 13.pdf" in app.get(base, headers=headers).text
