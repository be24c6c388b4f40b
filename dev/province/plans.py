"""A plan of two stages of the sample province, issued, with days that were put off.

Running it again changes nothing.
"""

from __future__ import annotations

from datetime import date, timedelta

from .catalogues import NAME as CATALOGUE
from .catalogues import PROVINCE, SIGNATORY
from .client import Portal

TITLE = "Kế hoạch công bố dữ liệu mở tỉnh Vĩnh Khuê giai đoạn 2026 - 2027"
NAME = "ke-hoach-cong-bo-du-lieu-mo-tinh-vinh-khue-giai-doan-2026-2027"
DESCRIPTION = (
    "Công bố các mục của danh mục dữ liệu mở chưa có bộ dữ liệu trên cổng, hoàn thiện các bộ dữ "
    "liệu đã công bố."
)
SLIPS = (
    ("CT.19", 60, "Chưa nghiệm thu phần mềm quản lý chuyên ngành."),
    ("YT.22", 30, "Chờ kết nối hệ thống của các bệnh viện tuyến huyện cũ."),
)
"""Codes of items whose day is put off, by days from today, with the reason."""


def load(today: date, portal: Portal) -> bool:
    """Load the plan; return whether it was made.

    Args:
        today: the day of the province; the catalogues are loaded already.
        portal: the portal with the token of an administrator.
    """
    if portal.find("nd47_catalogue_show", "catalogue", id=CATALOGUE) is None:
        return False
    if portal.find("nd47_plan_show", "plan", id=NAME) is not None:
        return False
    first = today - timedelta(days=120)
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
                "share_of_items": 30,
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
    _put_off(portal, plan["id"], today)
    return True


def _put_off(portal: Portal, plan_id: str, today: date) -> None:
    items = portal.call("nd47_catalogue_item_list", "items", catalogue=CATALOGUE, limit=1000)
    lines = {item["code"]: item["line_id"] for item in items["results"]}
    entries = portal.call("nd47_plan_entries", "entries", id=plan_id, limit=1000)["results"]
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
