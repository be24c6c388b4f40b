"""Sections of forms and pages, groups of subfields, errors in order."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.nd47.metadata.pages import form_layout

TITLE = {"field_name": "title", "label": "Tên", "start_form_page": {"title": "Trang 1"}}
THEME = {"field_name": "theme", "label": "Lĩnh vực"}
SHARING = {
    "field_name": "sharing",
    "label": "Chia sẻ",
    "start_form_page": {"title": "Trang 2"},
    "form_section": {"title": "Phân loại", "description": "Đã điền sẵn"},
}
CONTACT = {
    "field_name": "contact",
    "label": "Đầu mối",
    "form_section": {"title": "Đầu mối"},
    "repeating_subfields": [
        {"field_name": "name", "label": "Tên"},
        {"field_name": "email", "label": "Thư"},
    ],
}
HASH = {"field_name": "hash", "form_snippet": None, "display_snippet": None}
FIELDS: list[dict[str, Any]] = [TITLE, THEME, SHARING, CONTACT, HASH]


def names(part: form_layout.Part) -> list[str]:
    return [field["field_name"] for field in part.fields]


class TestParts:
    def test_section_begins_at_its_mark(self):
        parts = form_layout.parts(FIELDS)
        assert [part.title for part in parts] == [None, "Phân loại", "Đầu mối"]
        assert [names(part) for part in parts] == [
            ["title", "theme"],
            ["sharing"],
            ["contact", "hash"],
        ]

    def test_page_begins_a_section_where_it_is_asked_for(self):
        parts = form_layout.parts(FIELDS, by_page=True)
        assert [part.title for part in parts] == ["Trang 1", "Phân loại", "Đầu mối"]

    def test_schema_without_marks_is_one_section_without_a_title(self):
        assert [part.title for part in form_layout.parts([THEME, HASH])] == [None]

    def test_no_fields_are_no_sections(self):
        assert form_layout.parts([]) == []

    def test_form_leaves_out_what_is_not_asked_for(self):
        part = form_layout.parts(FIELDS)[-1]
        assert [field["field_name"] for field in form_layout.in_form(part)] == ["contact"]

    def test_page_leaves_out_what_is_empty_or_elsewhere(self):
        part = form_layout.parts([TITLE, THEME, CONTACT | {"form_section": None}, HASH])[0]
        shown = {"title": "Tên", "theme": [], "contact": [{"name": ""}], "hash": "f00"}
        assert form_layout.on_page(part, shown, []) == [TITLE]
        assert form_layout.on_page(part, shown, ["title"]) == []


@pytest.mark.parametrize(
    ("field", "value", "filled"),
    [
        (THEME, "giao-duc", True),
        (THEME, ["giao-duc"], True),
        (THEME, 0, True),
        (THEME, "", False),
        (THEME, None, False),
        (THEME, [], False),
        (THEME, False, False),
        (CONTACT, [{"name": "Văn phòng"}], True),
        (CONTACT, [{"name": "", "email": None}], False),
        (CONTACT, "không phải danh sách", True),
    ],
)
def test_is_filled(field: dict[str, Any], value: Any, filled: bool):
    assert form_layout.is_filled(field, {field["field_name"]: value}) is filled


class TestGroups:
    def test_stored_groups_are_shown(self):
        assert form_layout.groups(CONTACT, {"contact": [{"name": "A"}]}) == [{"name": "A"}]

    def test_typed_groups_win_over_stored_ones(self):
        data = {"contact": [{"name": "A"}], "contact-0-name": "B", "contact-0-email": "b@x.vn"}
        assert form_layout.groups(CONTACT, data) == [{"name": "B", "email": "b@x.vn"}]

    def test_empty_typed_group_does_not_count(self):
        """It is not stored, so the errors of the server count without it."""
        data = {"contact-0-name": "", "contact-2-name": "C", "contact-10-name": "D"}
        assert form_layout.groups(CONTACT, data) == [{"name": "C"}, {"name": "D"}]

    def test_removed_groups_stay_removed(self):
        data = {"contact": [{"name": "A"}], "contact-shown": "1", "contact-0-name": ""}
        assert form_layout.groups(CONTACT, data) == []

    @pytest.mark.parametrize("stored", [None, "", "chữ", 5, ["chữ"]])
    def test_other_shapes_are_no_groups(self, stored: Any):
        assert form_layout.groups(CONTACT, {"contact": stored}) == []

    def test_field_of_like_name_is_another(self):
        assert form_layout.groups(CONTACT, {"contact-email": "x", "contacts-0-name": "y"}) == []


@pytest.mark.usefixtures("portal", "with_request_context")
class TestProblems:
    PAGES = [[TITLE, THEME], [SHARING, CONTACT]]

    def test_come_in_the_order_of_the_fields(self):
        found = form_layout.problems({"sharing": ["b"], "title": ["a"]}, self.PAGES)
        assert [(one.label, one.text, one.page) for one in found] == [
            ("Tên", "a", 1),
            ("Chia sẻ", "b", 2),
        ]

    def test_lead_to_the_subfield(self):
        found = form_layout.problems({"contact": [{}, {"email": ["sai"]}]}, self.PAGES)
        assert [(one.label, one.anchor) for one in found] == [
            ("Đầu mối – Thư", "field-contact-1-email")
        ]

    def test_whole_group_may_be_wrong(self):
        found = form_layout.problems({"contact": ["sai"]}, self.PAGES)
        assert [(one.anchor, one.text) for one in found] == [("field-contact", "sai")]

    def test_keywords_stand_under_the_field_they_are_typed_into(self):
        pages = [[{"field_name": "tag_string", "label": "Từ khóa"}]]
        found = form_layout.problems(
            {"tags": [{"name": ["quá dài"]}, {"name": ["quá dài"]}]}, pages
        )
        assert [(one.label, one.text) for one in found] == [("Từ khóa", "quá dài")]

    def test_of_no_field_comes_last_and_leads_nowhere(self):
        found = form_layout.problems({"khác": ["c"], "theme": ["a"]}, self.PAGES)
        assert [(one.label, one.anchor, one.page) for one in found][-1] == ("khác", "", 0)

    def test_none_are_none(self):
        assert form_layout.problems({}, self.PAGES) == []


@pytest.mark.parametrize(
    ("error", "texts"),
    [
        ("một", ["một"]),
        (["một", "hai", "một"], ["một", "hai"]),
        ({"name": ["một"], "email": ["hai"]}, ["một", "hai"]),
        ([{}, {"name": ["một"]}], ["một"]),
        (True, []),
        (None, []),
    ],
)
def test_texts(error: Any, texts: list[str]):
    assert form_layout.texts(error) == texts
