"""Datasets as a plain CKAN portal of a province has them: extras in any spelling."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
import yaml

from ckan import model

DAY = dt.datetime(2024, 3, 5, 7, 30)  # noqa: DTZ001 - as CKAN stores it
"""When every dataset was changed last."""

FREQUENCIES = (
    "Hàng tháng",
    "hằng tháng",
    "HANG THANG",
    "1 tháng/lần",
    "hàng  năm",
    "Thường niên",
    unicodedata.normalize("NFD", "Hằng năm"),
    "6 tháng/lần",
    "Hàng quý",
    "hàng quí",
    "Hàng thánng",
)
"""How offices write how often they update; the last one is mistyped."""
CONTACTS = (
    "Nguyễn Văn A - 0912 345 678",
    "Phòng Công nghệ thông tin, ĐT: 0203 3835 123, Email: cntt@haison.example",
    "Bà Trần Thị B; Chuyên viên; 0203.3835.124; b.tran@haison.example",
    "Văn phòng Sở (0203 3835 125)",
    "Lê Văn C – Trưởng phòng – c.le@haison.example – ĐT 0203 3835 126",
)
DECISIONS = (
    "Quyết định số 2053/QĐ-UBND ngày 07/7/2023 của UBND tỉnh Hải Sơn",
    "2053/QĐ-UBND ngày 7 tháng 7 năm 2023",
    "QĐ 15/2022/QĐ-UBND (01/02/2022)",
)
NAMES: dict[str, tuple[str, ...]] = {
    "frequency": (
        "Tần suất cập nhật",
        "tan_suat_cap_nhat",
        "TẦN SUẤT",
        "Tần-suất cập nhật dữ liệu",
    ),
    "contact": ("Liên hệ", "lien_he", "Đầu mối liên hệ", "NGUOI LIEN HE"),
    "decision": ("Quyết định ban hành", "quyet_dinh", "Số quyết định"),
    "theme": ("Lĩnh vực", "linh_vuc", "Chủ đề"),
    "period": ("Thời gian", "nam_du_lieu"),
    "place": ("Địa bàn", "pham_vi_dia_ly"),
    "source": ("Nguồn dữ liệu", "nguon_goc"),
}
THEMES = ("Y tế", "GIÁO DỤC", "giao thông vận tải", "Môi trường", "nông nghiệp", "Tài chính")
PERIODS = ("2023", "quý I/2024", "từ 01/01/2022 đến 31/12/2023", "năm 2022")
PLACES = ("Tỉnh Quảng Ninh", "quang ninh", "TP. Hải Phòng", "Toàn tỉnh")


SIMPLE = """
fields:
- {from: Tần suất, to: frequency}
- {from: Liên hệ, to: contact, remove_source: true}
defaults:
- {for: {all: true}, set: {sharing_class: du-lieu-mo}, confirmed: true}
"""
"""A map for datasets with the extras `PLAIN`."""
PLAIN = {"Tần suất": "hàng tháng", "Liên hệ": "Nguyễn Văn A - 0912 345 678", "Ghi chú": "x"}


def extras(number: int) -> dict[str, str]:
    """Return the extras of the dataset of a number."""

    def name(kind: str) -> str:
        return NAMES[kind][number % len(NAMES[kind])]

    return {
        name("frequency"): FREQUENCIES[number % len(FREQUENCIES)],
        name("contact"): CONTACTS[number % len(CONTACTS)],
        name("decision"): DECISIONS[number % len(DECISIONS)],
        name("theme"): THEMES[number % len(THEMES)],
        name("period"): PERIODS[number % len(PERIODS)],
        name("place"): PLACES[number % len(PLACES)],
        name("source"): "Báo cáo của các phòng, ban chuyên môn",
        "Mã nội bộ": f"NB-{number:04}",
        "Ngày cập nhật": dt.date.today().strftime("%d/%m/%Y"),  # noqa: DTZ011 - as typed
    }


def make(
    count: int, owners: list[str], resource_extras: dict[str, Any] | None = None, **columns: Any
) -> list[str]:
    """Make datasets past every action, as if they had been there before the suite.

    Args:
        count: how many.
        owners: ids of organisations, which get them in turn.
        resource_extras: extras of each resource.
        columns: columns that are different.

    Returns:
        The ids, in the order in which they were made.
    """
    packages = [
        {
            "id": str(uuid4()),
            "name": f"cu-{number:05}-{uuid4().hex[:8]}",
            "title": f"Bộ dữ liệu cũ số {number}",
            "notes": "Số liệu hằng năm của các đơn vị trên địa bàn tỉnh.",
            "license_id": ("cc-by", "notspecified", "odc-by")[number % 3],
            "type": "dataset",
            "owner_org": owners[number % len(owners)],
            "maintainer": "Phòng Tổng hợp" if number % 2 else "",
            "maintainer_email": "tonghop@haison.example" if number % 2 else "",
            "metadata_created": DAY,
            "metadata_modified": DAY,
            "private": False,
            "state": "active",
            "extras": extras(number),
            **columns,
        }
        for number in range(count)
    ]
    resources = [
        {
            "id": str(uuid4()),
            "package_id": package["id"],
            "url": f"https://haison.example/{package['name']}.csv",
            "format": "CSV",
            "name": "Bảng số liệu",
            "size": 2048,
            "position": 0,
            "state": "active",
            "extras": dict(resource_extras or {}),
        }
        for package in packages
    ]
    model.Session.execute(sa.insert(model.package_table), packages)
    model.Session.execute(sa.insert(model.resource_table), resources)
    model.Session.commit()
    return [package["id"] for package in packages]


def confirmed(written: str) -> str:
    """Return a proposed map as a person hands it back: defaults confirmed, blanks filled in."""
    whole = yaml.safe_load(written)
    answers = {
        "catalogue_entry.decision_number": "2053/QĐ-UBND",
        "catalogue_entry.decision_date": "07/07/2023",
        "personal_data_assessment.content": "Không có thông tin cá nhân.",
        "personal_data_assessment.assessed_by": "Phòng Tổng hợp",
        "security_assessment.content": "Không có rủi ro.",
        "national_portal.sent_date": "01/08/2023",
        "usage_regulation": "https://haison.example/quy-che",
        "source_database.name": "CSDL chuyên ngành",
        "source_database.purpose": "Quản lý nhà nước",
        "source_database.scope": "Toàn tỉnh",
        "source_database.collection": "Báo cáo định kỳ",
        "source_database.updating": "Hằng tháng",
    }
    for default in whole["defaults"]:
        default["confirmed"] = True
        for path in default["set"]:
            default["set"][path] = answers.get(path, default["set"][path])
    return yaml.safe_dump(whole, allow_unicode=True)


def rows(ids: list[str] | None = None) -> dict[str, dict[str, Any]]:
    """Return the stored rows of datasets by id; of all when none are named."""
    table = model.package_table
    query = sa.select(table) if ids is None else sa.select(table).where(table.c.id.in_(ids))
    stored = model.Session.execute(query).mappings().all()
    model.Session.commit()
    return {row["id"]: dict(row) for row in stored}


def resource_rows(ids: list[str]) -> list[dict[str, Any]]:
    """Return the stored rows of the resources of datasets."""
    table = model.resource_table
    query = sa.select(table).where(table.c.package_id.in_(ids)).order_by(table.c.id)
    stored = model.Session.execute(query).mappings().all()
    model.Session.commit()
    return [dict(row) for row in stored]


def removed(ids: list[str]) -> None:
    """Remove datasets, with what runs noted of them."""
    for name in ("nd47_migration_change", "nd47_migration_run"):
        model.Session.execute(sa.text(f"DELETE FROM {name}"))  # noqa: S608 - names of ours
    table = model.resource_table
    model.Session.execute(sa.delete(table).where(table.c.package_id.in_(ids)))
    model.Session.execute(sa.delete(model.package_table).where(model.package_table.c.id.in_(ids)))
    model.Session.commit()
