"""A plan of two stages of the sample province, with what came on time, late, or was put off.

Running it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from .catalogues import NAME as CATALOGUE
from .catalogues import PLAN_DAYS, PROVINCE, SIGNATORY, of_plan
from .client import Portal
from .model import Dataset, Province

TITLE = "Kế hoạch công bố dữ liệu mở tỉnh Vĩnh Khuê giai đoạn 2026 - 2027"
NAME = "ke-hoach-cong-bo-du-lieu-mo-tinh-vinh-khue-giai-doan-2026-2027"
DESCRIPTION = (
    "Công bố các mục của danh mục dữ liệu mở chưa có bộ dữ liệu trên cổng, hoàn thiện các bộ dữ "
    "liệu đã công bố."
)
LATE = "Chậm do phải rà soát, loại bỏ dữ liệu cá nhân trước khi công bố."
IMPROVED = "Đã bổ sung dữ liệu còn thiếu và công bố lại."
Values = Mapping[str, Any]

SLIPS = (
    ("CT.19", 60, "Chưa nghiệm thu phần mềm quản lý chuyên ngành."),
    ("YT.22", 30, "Chờ kết nối hệ thống của các bệnh viện tuyến huyện cũ."),
)
"""Codes of items whose day is put off, by days from today, with the reason."""


def load(content: Province, portal: Portal) -> bool:
    """Load the plan; return whether it was made.

    Args:
        content: the province; its datasets and catalogues are loaded already.
        portal: the portal with the token of an administrator.
    """
    if portal.find("nd47_catalogue_show", "catalogue", id=CATALOGUE) is None:
        return False
    if portal.find("nd47_plan_show", "plan", id=NAME) is not None:
        return False
    today = content.today
    first = today - timedelta(days=PLAN_DAYS)
    middle, last = today + timedelta(days=30), today + timedelta(days=365)
    plan = portal.call(
        "nd47_plan_create",
        TITLE,
        agency=PROVINCE,
        title=TITLE,
        description=DESCRIPTION,
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        stages=[
            {
                "title": "Giai đoạn 1 (2026)",
                "first_day": first.isoformat(),
                "last_day": middle.isoformat(),
                "share_of_items": 60,
                "share_of_agencies": 80,
                "minimum_level": "Tải được ở định dạng máy đọc được",
            },
            {
                "title": "Giai đoạn 2 (2027)",
                "first_day": (middle + timedelta(days=1)).isoformat(),
                "last_day": last.isoformat(),
                "share_of_items": 90,
                "share_of_agencies": 100,
                "minimum_level": "Cập nhật đúng kỳ, có API với dữ liệu theo ngày",
            },
        ],
    )
    portal.call("nd47_plan_fill", TITLE, id=plan["id"], catalogues=[CATALOGUE], improvements=True)
    entries = portal.call("nd47_plan_entries", TITLE, id=plan["id"], limit=1000)["results"]
    for entry in entries:
        if not entry["due"]:
            portal.call("nd47_plan_entry_update", entry["name"], id=entry["id"], due=str(last))
    portal.call(
        "nd47_plan_issue",
        TITLE,
        id=plan["id"],
        decision_number="96/KH-UBND",
        decision_date=first.isoformat(),
        **SIGNATORY,
    )
    items = portal.call("nd47_catalogue_item_list", TITLE, catalogue=CATALOGUE, limit=1000)
    entries = portal.call("nd47_plan_entries", TITLE, id=plan["id"], limit=1000)["results"]
    _publish(portal, items["results"], of_plan(content))
    _improve(portal, entries, today)
    _put_off(portal, items["results"], entries, today)
    return True


def _publish(portal: Portal, items: Sequence[Values], datasets: Sequence[Dataset]) -> None:
    """Link the datasets that came since the plan was issued, some of them late, with the reason."""
    by_title = {item["name"]: item for item in items}
    for one in datasets:
        item = by_title[one.metadata["title"]]
        portal.call("nd47_catalogue_link", item["name"], id=item["id"], datasets=[one.name])
        if str(one.metadata["issued"]) > item["planned"]:
            portal.call("nd47_catalogue_item_status", item["name"], id=item["id"], reason=LATE)


def _improve(portal: Portal, entries: Sequence[Values], today: date) -> None:
    """Record that the first improvement is done."""
    improvement = next((entry for entry in entries if entry["kind"] == "improve"), None)
    if improvement:
        portal.call(
            "nd47_plan_done",
            improvement["name"],
            id=improvement["id"],
            day=(today - timedelta(days=12)).isoformat(),
            note=IMPROVED,
        )


def _put_off(
    portal: Portal, items: Sequence[Values], entries: Sequence[Values], today: date
) -> None:
    lines = {item["code"]: item["line_id"] for item in items}
    by_line = {entry["line_id"]: entry for entry in entries if entry["line_id"]}
    for code, days, reason in SLIPS:
        entry = by_line.get(lines.get(code, ""))
        if entry:
            portal.call(
                "nd47_plan_slip",
                code,
                id=entry["id"],
                day=(today + timedelta(days=days)).isoformat(),
                reason=reason,
            )
