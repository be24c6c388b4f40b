"""Input of dataset actions that is refused, and spellings that are accepted."""

from __future__ import annotations

from typing import Any

import pytest

import ckan.plugins.toolkit as tk

pytestmark = pytest.mark.usefixtures("portal", "without_rules")

BAD = [
    ("title", "a" * 501),
    ("title", ["a"]),
    ("notes", "a" * 20001),
    ("notes", "a\x00b"),
    ("notes", "a\ud800b"),
    ("notes", {"vi": "a"}),
    ("open_data_category", "van ban"),
    ("open_data_category", ["van-ban"]),
    ("theme", ["giao-duc", "khong-co"]),
    ("theme", "khong-co"),
    ("theme", [["giao-duc"]]),
    ("theme", [{"code": "giao-duc"}]),
    ("frequency", "http://publications.europa.eu/resource/authority/frequency/BIENNIAL"),
    ("sharing_class", "mo"),
    ("access_rights", "OPEN"),
    ("applicable_legislation", ["nd-47"]),
    ("license_id", "khong-co"),
    ("license_id", ["cc-by"]),
    ("responsible_agency", "khong-co"),
    ("responsible_agency", {"id": "x"}),
    ("usage_regulation", "javascript:alert(1)"),
    ("usage_regulation", "www.a.vn"),
    ("url", "ftp://a.vn"),
    ("issued", "31/02/2024"),
    ("modified", "hôm qua"),
    ("modified", ["2024"]),
    ("language", ["tiếng Chăm"]),
    ("documentation", ["không phải địa chỉ"]),
    ("conforms_to", ["a" * 501]),
    ("conforms_to", ["a\x0bb"]),
    ("version", "a" * 101),
    ("contact", "Nguyễn Văn A"),
    ("contact", ["Nguyễn Văn A"]),
    ("contact", 1),
    ("contact", [{"email": "không phải thư"}]),
    ("contact", [{"telephone": "gọi sau"}]),
    ("contact", [{"name": {"vi": "a"}}]),
    ("contact", [{"name": "a\x00"}]),
    ("catalogue_entry", [{"decision_date": "tháng bảy"}]),
    ("temporal_coverage", [{"start": "2025-01-01", "end": "2024-12-31"}]),
    ("temporal_coverage", [{"start": "2025", "end": "2024"}]),
    ("spatial_coverage", [{"uri": "Hà Nội"}]),
    ("source_database", [{"overlap": "yes"}]),
    ("source_database", [{"purpose": "a" * 100_000}]),
    ("quality_plan", [{"state": "good"}]),
    ("national_portal", [{"url": "data.gov.vn"}]),
    ("provenance", "a" * 100_000),
    ("attribution", "a\x1bb"),
]


class TestBadInput:
    @pytest.mark.parametrize(("field", "value"), BAD)
    def test_is_refused_at_its_field(self, create, field, value):
        with pytest.raises(tk.ValidationError) as refused:
            create(**{field: value})
        assert set(refused.value.error_dict) == {field}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("url", "javascript:alert(1)"),
            ("url", "ftp://a.example/x"),
            ("period", "20245"),
            ("publication_method", "thư"),
            ("language", ["khong-co"]),
            ("size", "nhiều"),
            ("name", "a\x00"),
            ("data_dictionary", "a" * 100_000),
        ],
    )
    def test_of_a_resource_is_refused_at_its_field(self, create, field, value):
        resource = {"url": "https://a.example/x.csv", field: value}
        with pytest.raises(tk.ValidationError) as refused:
            create(resources=[resource])
        errors: Any = refused.value.error_dict["resources"]
        assert [set(error) for error in errors] == [{field}]

    @pytest.mark.parametrize(
        ("field", "value", "stored"),
        [
            ("title", " Thu\u0309y\n lợi ", "Thủy lợi"),
            ("title", 2024, "2024"),
            ("modified", "05/04/2025", "2025-04-05"),
            ("theme", "giao-duc", ["giao-duc"]),
            ("theme", ["giao-duc", "giao-duc", ""], ["giao-duc"]),
            ("theme", '["y-te"]', ["y-te"]),
            ("contact", {"name": "A"}, [{"name": "A"}]),
            ("contact", '[{"name": "A"}]', [{"name": "A"}]),
            ("contact", [{"name": "A"}, {"name": "A"}], [{"name": "A"}, {"name": "A"}]),
            ("notes", "<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("version", 2, "2"),
        ],
    )
    def test_other_spellings_of_good_input_are_taken(self, create, field, value, stored):
        assert create(**{field: value})[field] == stored

    @pytest.mark.parametrize(
        ("field", "value"),
        [("provenance", " \n "), ("conforms_to", ["  "]), ("contact", [{"name": " "}])],
    )
    def test_blanks_alone_are_nothing(self, create, field, value):
        assert field not in create(**{field: value})

    def test_all_errors_come_at_once(self, create):
        with pytest.raises(tk.ValidationError) as refused:
            create(frequency="x", modified="y", contact=[{"email": "z"}])
        assert set(refused.value.error_dict) == {"frequency", "modified", "contact"}
