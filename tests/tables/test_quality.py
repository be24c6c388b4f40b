"""The groups of faults and the index of data quality: an option, always marked as secondary."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan.tests.helpers import call_action

from ckanext.nd47.lib import config
from ckanext.nd47.tables.check.report import FINDINGS, FindingDict
from ckanext.nd47.tables.findings.quality import index
from ckanext.nd47.tables.findings.quality.method import method
from tests.tables.check.golden import PRESENT_CODES


def understood(rows: int = 10, **columns: int) -> dict[str, Any]:
    """Return what a check understood: a table with so many filled cells by column."""
    listed = [
        {"name": name.replace("_", " "), "type": "text", "stored": "text", "filled": filled}
        for name, filled in columns.items()
    ]
    return {"parts": [{"name": "", "rows": rows, "columns": listed}]}


def finding(code: str, count: int = 1, column: str = "") -> FindingDict:
    return FindingDict(code=code, column=column, row=2, count=count, facts={}, part="")


def value(found: index.QualityIndex, code: str) -> float | None:
    return next(one["value"] for one in found["dimensions"] if one["code"] == code)


class TestMethod:
    def test_there_are_eight_groups_and_five_dimensions(self):
        assert len(method().groups) == 8
        assert [one.label["vi"] for one in method().dimensions] == [
            "Đúng", "Đủ", "Sạch", "Sống", "Thống nhất"
        ]  # fmt: skip

    def test_each_finding_is_of_one_group_or_outside(self):
        listed = [code for group in method().groups for code in group.findings]
        assert sorted([*listed, *method().outside]) == sorted(FINDINGS)

    def test_each_group_is_of_one_dimension(self):
        listed = [code for one in method().dimensions for code in one.groups]
        assert sorted(listed) == sorted(group.code for group in method().groups)

    def test_it_is_marked_as_secondary(self):
        assert method().status == "secondary"
        assert "thứ cấp" in method().source["vi"]


class TestIndex:
    def test_a_table_without_faults_has_the_best(self):
        found = index.of_check(understood(a=10, b=10), [], "vi")
        assert (found["value"], found["level"], found["level_label"]) == (100.0, "green", "Xanh")

    def test_what_national_sources_say_is_not_measured(self):
        found = index.of_check(understood(a=10), [], "en")
        national = next(one for one in found["groups"] if one["code"] == "national")
        assert (national["count"], bool(national["why"])) == (None, True)
        identity = next(one for one in found["required"] if one["code"] == "identity")
        assert (identity["met"], bool(identity["why"])) == (None, True)

    def test_empty_cells_and_signs_are_missing(self):
        found = index.of_check(understood(a=10, b=8), [finding("placeholders", 1, "b")], "vi")
        assert value(found, "complete") == 85.0

    def test_repeated_rows_count_all_of_their_cells(self):
        found = index.of_check(understood(a=10, b=10), [finding("duplicate-rows", 2)], "vi")
        assert value(found, "clean") == 80.0
        assert value(found, "correct") == 100.0

    @pytest.mark.parametrize(
        ("code", "dimension"),
        [("lost-zeros", "correct"), ("old-provinces", "live"), ("unknown-communes", "consistent")],
    )
    def test_cells_lower_their_dimension(self, code, dimension):
        found = index.of_check(understood(a=10), [finding(code, 5, "a")], "vi")
        assert value(found, dimension) == 50.0
        assert found["value"] == 90.0

    def test_a_grave_fault_of_the_file_leaves_nothing(self):
        found = index.of_check(understood(a=10), [finding("not-as-named")], "vi")
        assert value(found, "correct") == 0.0

    def test_personal_data_are_no_fault_of_the_quality(self):
        found = index.of_check(understood(a=10), [finding("citizen-id", 10, "a")], "vi")
        assert found["value"] == 100.0

    @pytest.mark.parametrize(
        ("faults", "level"), [(0, "green"), (49, "green"), (51, "yellow"), (100, "yellow")]
    )
    def test_the_level_follows_from_the_value(self, faults, level):
        found = index.of_check(understood(100, a=100), [finding("lost-zeros", faults, "a")], "vi")
        assert found["level"] == level

    def test_a_value_below_a_level_is_not_rounded_up_to_it(self):
        found = index.of_check(
            understood(10_000, a=10_000), [finding("lost-zeros", 5_001, "a")], "vi"
        )
        assert (found["value"], found["level"]) == (89.9, "yellow")

    def test_a_wrong_code_of_a_unit_keeps_a_file_from_the_best_level(self):
        faults = [finding("unknown-communes", 1, "Mã xã")]
        found = index.of_check(understood(1000, Mã_xã=1000), faults, "vi")
        assert (found["value"], found["level"]) == (99.9, "yellow")
        assert {one["code"]: one["met"] for one in found["required"]} == {
            "identity": None, "tax": None, "units": False
        }  # fmt: skip

    def test_a_lost_zero_of_a_telephone_is_no_wrong_code(self):
        faults = [finding("lost-zeros", 1, "Số điện thoại")]
        found = index.of_check(understood(1000, Mã_xã=1000, Số_điện_thoại=1000), faults, "vi")
        assert next(one for one in found["required"] if one["code"] == "units")["met"] is True

    @pytest.mark.parametrize("given", [{}, {"parts": []}, understood(0, a=0)])
    def test_a_file_without_a_table_is_not_measured(self, given):
        found = index.of_check(given, [finding("broken")], "vi")
        assert (found["value"], found["level"]) == (None, "")
        assert all(one["value"] is None for one in found["dimensions"])

    def test_more_faults_than_cells_leave_nothing_and_no_less(self):
        found = index.of_check(understood(a=10), [finding("lost-zeros", 99, "a")], "vi")
        assert value(found, "correct") == 0.0


class TestPortal:
    @pytest.fixture
    def resource(self, checked) -> dict[str, Any]:
        rows = "".join(f"{code},4\n" for code in (*PRESENT_CODES, "18999"))
        return checked("cho.csv", f"Mã xã,Số chợ\n{rows}".encode())

    def test_it_is_off_by_default(self, resource, check):
        assert "quality" not in check(resource["id"])

    def test_the_api_and_the_page_have_it_with_its_source(
        self, app, accounts, resource, check, ckan_config
    ):
        ckan_config[config.QUALITY_INDEX] = "true"
        found = check(resource["id"])["quality"]
        assert (found["status"], found["level"]) == ("secondary", "yellow")
        token = call_action(
            "api_token_create", {"user": accounts["sysadmin"]}, user=accounts["editor"], name="q"
        )["token"]
        path = f"/vi/dataset/{resource['package_id']}/resource/{resource['id']}/check"
        page = BeautifulSoup(app.get(path, headers={"Authorization": token}).body, "html.parser")
        section = page.select_one("section.nd47-quality")
        assert section is not None
        assert "nguồn thứ cấp" in section.text
        assert "chưa đo được" in section.text

    def test_a_file_that_waits_has_none(self, upload, check, ckan_config):
        ckan_config[config.QUALITY_INDEX] = "true"
        assert "quality" not in check(upload("a.csv", b"a,b\n1,2\n")["id"])
