"""The files of a dataset by period: the current one, and the former ones."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("portal", "without_rules")


def files(*periods: str) -> list[dict[str, str]]:
    return [
        {"url": f"https://so.example/{number}.csv", "name": f"Tệp {number}", "period": period}
        for number, period in enumerate(periods)
    ]


def names(page, selector: str) -> list[str]:
    return [link.get_text(strip=True) for link in page.select(f"{selector} .heading")]


def test_former_periods_stand_below_the_latest_first(create, browse):
    made = create(resources=files("202601", "202603", "202602"))
    page = browse(f"/vi/dataset/{made['name']}")
    assert names(page, "#dataset-resources > .nd47-resources") == ["Tệp 1"]
    assert names(page, ".nd47-former") == ["Tệp 2", "Tệp 0"]
    assert page.select_one(".nd47-former summary").get_text(strip=True) == "Các kỳ trước (2)"


def test_files_of_one_period_stand_together(create, browse):
    made = create(resources=files("2026", "2026"))
    page = browse(f"/vi/dataset/{made['name']}")
    assert len(names(page, "#dataset-resources > .nd47-resources")) == 2
    assert not page.select(".nd47-former")


def test_file_without_a_period_is_not_former(create, browse):
    made = create(resources=files("", "2025", "2026"))
    page = browse(f"/vi/dataset/{made['name']}")
    assert names(page, "#dataset-resources > .nd47-resources") == ["Tệp 0", "Tệp 2"]


def test_year_that_includes_the_last_quarter_is_not_former(create, browse):
    made = create(resources=files("2025", "20254"))
    assert not browse(f"/vi/dataset/{made['name']}").select(".nd47-former")


def test_few_former_periods_are_open_and_many_are_not(create, browse):
    few = create(resources=files("2023", "2024", "2025", "2026"))
    many = create(resources=files("2022", "2023", "2024", "2025", "2026"))
    assert browse(f"/vi/dataset/{few['name']}").select_one(".nd47-former").has_attr("open")
    assert not browse(f"/vi/dataset/{many['name']}").select_one(".nd47-former").has_attr("open")
