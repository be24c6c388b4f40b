"""Two catalogues of the sample province: that of the province and that of education.

Each is issued by a decision, with items in every state, and the province has a draft of its next
edition with proposals of departments. Running it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .client import Portal
from .model import Dataset, Province

COMPILING, EDUCATION = "so-khoa-hoc-va-cong-nghe", "so-giao-duc-va-dao-tao"
PROVINCE = "ubnd-tinh-vinh-khue"
TITLE = "Danh mục dữ liệu mở tỉnh Vĩnh Khuê"
SECTOR_TITLE = "Danh mục dữ liệu mở ngành Giáo dục và Đào tạo tỉnh Vĩnh Khuê"
NAME = "danh-muc-du-lieu-mo-tinh-vinh-khue"
STAGES = ("Giai đoạn 1 (2026)", "Giai đoạn 2 (2027)")
MOST_DATASETS = 36
PLAN_DAYS = 260
"""Days from the first day of the plan to today."""

AHEAD = (3, 12, -18, 9, 20, -6, 5, -31)
"""By how many days the datasets of the plan came before the planned day, the latest minus."""

SIGNATORY = {
    "issuer": "Ủy ban nhân dân tỉnh Vĩnh Khuê",
    "signatory": "Hoàng Minh Khuê",
    "signatory_position": "Phó Chủ tịch",
}


@dataclass(frozen=True)
class Planned:
    """An item without a dataset yet.

    Attributes:
        code: its code.
        name: its name.
        provider: name of the agency.
        field: code of the field.
        days: days from today to the planned first day.
    """

    code: str
    name: str
    provider: str
    field: str
    days: int


OF_PROVINCE = (
    Planned("QH.21", "Quy hoạch chi tiết xây dựng đô thị", "so-xay-dung", "co-so-ha-tang", 120),
    Planned("DL.14", "Cơ sở lưu trú du lịch theo hạng", "so-van-hoa-the-thao-va-du-lich",
            "kinh-te-thuong-mai", 45),
    Planned("NV.18", "Vị trí việc làm cần tuyển dụng viên chức", "so-noi-vu", "lao-dong", 200),
    Planned("TC.17", "Danh mục tài sản công đấu giá", "so-tai-chinh", "tai-chinh", 300),
    Planned("XA.03", "Lịch tiếp công dân cấp xã", "ubnd-xa-thai-hoa", "dia-phuong", 60),
    Planned("CT.19", "Điểm bán xăng dầu được cấp phép", "so-cong-thuong", "nang-luong", -40),
    Planned("YT.22", "Số giường bệnh còn trống theo ngày", "so-y-te", "y-te", -75),
    Planned("KH.11", "Nhiệm vụ khoa học và công nghệ đang thực hiện", COMPILING, "cong-nghe", -10),
)  # fmt: skip
OF_EDUCATION = (
    Planned("GDM.08", "Chỉ tiêu tuyển sinh lớp 10 theo trường", EDUCATION, "giao-duc", 90),
    Planned("GDM.09", "Cơ sở vật chất trường học theo năm học", EDUCATION, "giao-duc", 150),
    Planned("GDM.10", "Danh mục sách giáo khoa được lựa chọn", EDUCATION, "giao-duc", -20),
)
SUSPENDED = "Tạm dừng do chuyển đổi hệ thống nguồn; dự kiến cung cấp lại trong quý tới."
STOPPED = "Ngừng cung cấp: dữ liệu đã gộp vào bộ dữ liệu khác."
LATE = "Chậm do chưa nghiệm thu phần mềm quản lý chuyên ngành."


def load(content: Province, portal: Portal) -> int:
    """Load the catalogues; return how many editions were made.

    Args:
        content: the province, whose datasets are loaded already.
        portal: the portal with the token of an administrator.
    """
    if "nd47_catalogue" not in portal.call("status_show", "status")["extensions"]:
        return 0
    if portal.find("nd47_catalogue_show", "catalogue", id=NAME) is not None:
        return 0
    published = [one for one in content.datasets if one.state == "published"]
    education = [one for one in published if one.owner == EDUCATION]
    planned = of_plan(content)
    others = [one for one in published if one.owner != EDUCATION and one not in planned]
    first = _issue(
        portal,
        {"title": TITLE, "kind": "province", "agency": PROVINCE},
        rows(others[:MOST_DATASETS], OF_PROVINCE, content.today, planned),
        {"decision_number": "742/QĐ-UBND", "decision_date": "2026-03-12"},
    )
    _issue(
        portal,
        {
            "title": SECTOR_TITLE,
            "kind": "sector",
            "sector": "giao-duc",
            "agency": EDUCATION,
        },
        rows(education, OF_EDUCATION, content.today),
        {"decision_number": "968/QĐ-UBND", "decision_date": "2026-06-15"},
    )
    _set_statuses(portal, first)
    _start_next_edition(portal, first)
    return 3


def of_plan(content: Province) -> list[Dataset]:
    """Return the datasets that the plan of the province brought about."""
    begin = (content.today - timedelta(days=PLAN_DAYS)).isoformat()
    return [
        one
        for one in content.datasets
        if one.state == "published"
        and one.owner != EDUCATION
        and str(one.metadata.get("issued", "")) > begin
    ]


def rows(
    datasets: Sequence[Dataset],
    planned: Sequence[Planned],
    today: date,
    later: Sequence[Dataset] = (),
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the items in the order of their fields, each with the name of its dataset or none.

    Args:
        datasets: datasets that were public before.
        planned: items without a dataset.
        today: the day of the province.
        later: datasets that were published since, which `plans` links.
    """
    made = [*map(_of_dataset, datasets), *(_of_planned(one, today) for one in planned)]
    begin = today - timedelta(days=PLAN_DAYS)
    for number, one in enumerate(later):
        item, _name = _of_dataset(one)
        day = date.fromisoformat(item["planned"]) + timedelta(days=AHEAD[number % len(AHEAD)])
        made.append(({**item, "planned": max(day, begin).isoformat()}, ""))
    yield from sorted(made, key=lambda row: (row[0]["field"], row[0]["code"]))


def _of_dataset(one: Dataset) -> tuple[dict[str, Any], str]:
    metadata = one.metadata
    entry = (metadata.get("catalogue_entry") or [{}])[0]
    themes = metadata.get("theme") or [""]
    item = {
        "code": entry.get("code", ""),
        "name": metadata["title"],
        "description": str(metadata.get("notes") or "").split("\n", maxsplit=1)[0],
        "field": themes[0] if isinstance(themes, list) else themes,
        "provider_id": one.owner,
        "frequency": metadata.get("frequency", ""),
        "formats": list(dict.fromkeys(file.format for file in one.files)),
        "methods": ["goi-tai-ve"],
        "sharing_class": "du-lieu-mo",
        "planned": metadata.get("issued", ""),
        "stage": STAGES[0],
        "delay": "15" if metadata.get("frequency") == "hang-quy" else "",
    }
    return item, one.name


def _of_planned(one: Planned, today: date) -> tuple[dict[str, Any], str]:
    item = {
        "code": one.code,
        "name": one.name,
        "field": one.field,
        "provider_id": one.provider,
        "formats": ["CSV", "XLSX"],
        "methods": ["goi-tai-ve"],
        "sharing_class": "du-lieu-mo",
        "planned": (today + timedelta(days=one.days)).isoformat(),
        "stage": STAGES[one.days > 0],
        "minimum_level": "Tải được ở định dạng máy đọc được",
    }
    return item, ""


def _issue(
    portal: Portal,
    catalogue: Mapping[str, Any],
    rows: Iterator[tuple[dict[str, Any], str]],
    decision: Mapping[str, str],
) -> dict[str, Any]:
    """Create, fill, propose and issue a catalogue; return it with its items.

    They are in `items` by code, and those with a dataset in `linked`.
    """
    subject = str(catalogue["title"])
    made = portal.call("nd47_catalogue_create", subject, **catalogue)
    items: dict[str, dict[str, Any]] = {}
    linked: list[dict[str, Any]] = []
    for values, dataset in rows:
        name = portal.call("organization_show", subject, id=values["provider_id"])["title"]
        values["provider"] = name
        item = portal.call(
            "nd47_catalogue_item_create", values["name"], catalogue=made["id"], **values
        )
        items[item["code"] or item["id"]] = item
        if dataset:
            portal.call("nd47_catalogue_link", values["name"], id=item["id"], datasets=[dataset])
            linked.append(item)
    portal.call(
        "nd47_catalogue_propose",
        subject,
        id=made["id"],
        proposal_number="58/TTr-SKHCN",
        proposal_date="2026-03-02",
        proposal_agency="Sở Khoa học và Công nghệ",
    )
    issued = portal.call("nd47_catalogue_issue", subject, id=made["id"], **SIGNATORY, **decision)
    portal.call(
        "nd47_catalogue_dispatch",
        subject,
        id=made["id"],
        recipient="Bộ Công an (Trung tâm Dữ liệu quốc gia)",
        sent=decision["decision_date"],
        document_number="1204/UBND-KSTT",
    )
    return {**issued, "items": items, "linked": linked}


def _set_statuses(portal: Portal, catalogue: Mapping[str, Any]) -> None:
    """Suspend one item, stop another and say why a third is late."""
    for item, status, reason in (
        (catalogue["linked"][-1], "suspended", SUSPENDED),
        (catalogue["linked"][-2], "stopped", STOPPED),
        (catalogue["items"]["CT.19"], "", LATE),
    ):
        portal.call(
            "nd47_catalogue_item_status",
            item["name"],
            id=item["id"],
            status=status,
            reason=reason,
        )


def _start_next_edition(portal: Portal, catalogue: Mapping[str, Any]) -> None:
    """Start the next edition, change something in it, and let departments propose."""
    draft = portal.call("nd47_catalogue_new_edition", TITLE, id=catalogue["id"])["id"]
    changed = {"minimum_level": "Có API", "frequency": "hang-thang"}
    portal.call("nd47_catalogue_item_update", "CT.19", catalogue=draft, id="CT.19", **changed)
    portal.call("nd47_catalogue_item_delete", "TC.17", catalogue=draft, id="TC.17")
    portal.call(
        "nd47_catalogue_item_create",
        "GT.25",
        catalogue=draft,
        code="GT.25",
        name="Vị trí trạm sạc xe điện công cộng",
        provider="Sở Xây dựng",
        field="co-so-ha-tang",
        planned="2027-03-31",
        stage=STAGES[1],
    )
    portal.call(
        "nd47_catalogue_item_propose",
        "YT.22",
        catalogue=draft,
        agency="so-y-te",
        id="YT.22",
        planned="2027-01-15",
        note="Đề nghị lùi thời hạn do chưa kết nối đủ các bệnh viện.",
    )
    portal.call(
        "nd47_catalogue_item_propose",
        "VH.31",
        catalogue=draft,
        agency="so-van-hoa-the-thao-va-du-lich",
        code="VH.31",
        name="Lịch lễ hội truyền thống trong năm",
        planned="2027-01-31",
    )
