"""A decision with an annex, for the tests."""

from __future__ import annotations

import datetime as dt

from ckanext.nd47.lib.files.official_documents.document import (
    Annex,
    Column,
    DecisionReference,
    Group,
    OfficialDocument,
    Opening,
    Paragraph,
    Row,
    Signature,
    Table,
    Title,
    Total,
)

ISSUER = "Ủy ban nhân dân thành phố Đà Nẵng"
DAY = dt.date(2026, 2, 5)
COLUMNS = [
    Column("STT", 0.4, "center"),
    Column("Mã", 0.8),
    Column("Tên tập dữ liệu", 2.4),
    Column("Cơ quan chủ trì cung cấp", 2),
    Column("Ngày cung cấp lần đầu", 1, "center"),
    Column("Số trường", 0.6, "right"),
]


def rows(count: int) -> list[Row]:
    """Return rows in groups of twenty, with a total at the end."""
    written: list[Row] = []
    for number in range(1, count + 1):
        if number % 20 == 1:
            written.append(Group(f"Lĩnh vực {number // 20 + 1}"))
        written.append(
            [
                str(number),
                f"DM{number:04d}",
                "Hiện trạng sử dụng đất theo đơn vị hành chính",
                "Sở Nông nghiệp và Môi trường",
                "01/01/2027",
                "12",
            ]
        )
    return [*written, Total(["", "", "Tổng cộng", "", "", str(count * 12)])]


def annex(count: int) -> Annex:
    """Return an annex with a table."""
    return Annex(
        "Danh mục dữ liệu mở của thành phố Đà Nẵng",
        [Table(COLUMNS, rows(count), numbered=True, note="Ghi chú: mã do cơ quan chủ trì cấp.")],
        DecisionReference(ISSUER, "804/QĐ-UBND", DAY),
    )


def decision(count: int = 5) -> OfficialDocument:
    """Return a decision with an annex."""
    return OfficialDocument(
        title="Quyết định ban hành Danh mục dữ liệu mở",
        opening=Opening(ISSUER, number="804/QĐ-UBND", place="Đà Nẵng", day=DAY),
        kind="Quyết định",
        subject="Ban hành Danh mục dữ liệu mở của thành phố Đà Nẵng",
        authority=ISSUER,
        bases=["Căn cứ Luật Dữ liệu ngày 30 tháng 11 năm 2024;", "Theo đề nghị của Giám đốc Sở"],
        blocks=[
            Paragraph("Ban hành kèm theo Quyết định này Danh mục dữ liệu mở.", "Điều 1."),
            Title("Tình hình"),
            Title("Kết quả", 2),
            Title("Đất đai", 3),
            Title("Khó khăn", 2),
            Title("Kiến nghị"),
            Title("Của các sở", 2),
        ],
        signature=Signature(["TM. Ủy ban nhân dân", "Chủ tịch"], "Nguyễn Văn An"),
        recipients=["Như Điều 2", "Lưu: VT, SKHCN"],
        annexes=[annex(count)],
    )


def wide(count: int) -> Annex:
    """Return an annex with the eleven columns of a catalogue as the suite prints it."""
    titles = [
        "Tên dữ liệu",
        "Mô tả",
        "Lĩnh vực",
        "Cơ quan cung cấp",
        "Kỳ cập nhật",
        "Định dạng",
        "Phân loại chia sẻ",
        "Ngày cung cấp lần đầu",
        "Ghi chú",
    ]
    columns = [Column("STT", 0.4, "center"), Column("Mã", 0.8), *map(Column, titles)]
    cells = [
        "Hiện trạng sử dụng đất",
        "Theo đơn vị hành chính cấp xã",
        "Đất đai",
        "Sở Nông nghiệp và Môi trường",
        "Hằng năm",
        "GeoJSON",
        "Dữ liệu mở",
        "01/01/2027",
        "",
    ]
    written: list[Row] = [[str(one), f"DD.{one:02d}", *cells] for one in range(1, count + 1)]
    return Annex("Danh mục dữ liệu mở", [Table(columns, written, numbered=True)])
