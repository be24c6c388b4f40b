"""A report as an administrative document in the form of Decree 30/2020/NĐ-CP.

The document is Vietnamese, whatever the language of the page: it is signed and sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.reports.data.figures import Report
from ckanext.nd47.catalogue.reports.files.columns import IN_DOCUMENT, cell
from ckanext.nd47.lib import config
from ckanext.nd47.lib.files.official_documents import writing
from ckanext.nd47.lib.files.official_documents.document import (
    Annex,
    Block,
    Column,
    OfficialDocument,
    Opening,
    Paragraph,
    Signature,
    Table,
    Title,
    Total,
)
from ckanext.nd47.lib.web import portal_title

HEADINGS = {
    "assigned": "Mục được giao",
    "published": "Đã công bố",
    "share": "Tỷ lệ (%)",
    "on_time": "Đúng hạn lần đầu",
    "late": "Chậm công bố",
    "in_time": "Cập nhật đúng kỳ",
    "overdue": "Quá hạn cập nhật",
    "has_api": "Có API",
    "open_format": "Định dạng mở",
    "meets_rules": "Đạt mọi quy tắc",
    "views": "Lượt xem",
    "downloads": "Lượt tải",
    "api_calls": "Lượt gọi API",
}
GROUPS = {"agency": "Cơ quan", "field": "Lĩnh vực", "kind": "Lớp dữ liệu"}
BY = {"agency": "theo cơ quan", "field": "theo lĩnh vực", "kind": "theo lớp dữ liệu"}


def content(report: Report) -> bytes:
    """Return a report as DOCX.

    Raises:
        official_documents.writing.MissingLibraryError: python-docx is missing.
    """
    agency = directory.get(config.compiling_agency()) or directory.by_code(
        config.compiling_agency()
    )
    above = directory.top_agency(agency.id) if agency else None
    name = agency.title if agency else portal_title.title()
    superior = above.title if above and agency and above.id != agency.id else ""
    period = _period(report["period"])
    return writing.write(
        OfficialDocument(
            title=f"Báo cáo dữ liệu mở {period}",
            opening=Opening(agency=name, superior=superior, number="/BC"),
            kind="BÁO CÁO",
            subject=f"Tình hình công bố và sử dụng dữ liệu mở {period}",
            blocks=list(_text(report, period)),
            signature=Signature(powers=("THỦ TRƯỞNG CƠ QUAN",)),
            recipients=("Như trên", "Lưu: VT"),
            annexes=[_annex(report, period)],
        )
    )


def _text(report: Report, period: str) -> Iterator[Block]:
    total = report["total"]
    day = dt.date.fromisoformat(report["day"])
    state = "đã chốt" if report["closed"] else "chưa chốt"
    yield Paragraph(
        f"Số liệu {period} được tổng hợp tự động trên {portal_title.title()}, "
        f"tính đến ngày {day:%d/%m/%Y} ({state})."
    )
    if report["sample"]:
        yield Paragraph("Số liệu mẫu, không phải số liệu thật.", lead="Lưu ý:")
    yield Title("Kết quả công bố")
    share = f", đạt {total['share']}%" if total["share"] is not None else ""
    yield Paragraph(
        f"Danh mục đang có hiệu lực giao {total['assigned']} mục; đã công bố "
        f"{total['published']} mục{share}. Đến hạn {total['due']} mục, trong đó công bố đúng hạn "
        f"{total['on_time']} mục, chậm {total['late']} mục. Toàn cổng có {total['datasets']} bộ "
        f"dữ liệu công khai."
    )
    yield Title("Chất lượng và cập nhật")
    yield Paragraph(
        f"Trong {total['periodic']} bộ dữ liệu có chu kỳ cập nhật, {total['in_time']} bộ cập nhật "
        f"đúng kỳ, {total['overdue']} bộ quá hạn. Có API: {total['has_api']} bộ; có định dạng mở: "
        f"{total['open_format']} bộ; máy đọc được: {total['machine_readable']} bộ; đạt mọi quy "
        f"tắc về siêu dữ liệu: {total['meets_rules']} bộ. Cảnh báo chất lượng chưa xử lý: "
        f"{total['quality_open']}, trong đó quá hạn {total['quality_late']}."
    )
    yield Title("Mức độ sử dụng")
    yield Paragraph(
        f"Lượt xem: {total['views']}; lượt tải: {total['downloads']}; lượt gọi API: "
        f"{total['api_calls']} (không tính truy cập của máy tìm kiếm)."
    )
    yield from _said(report, "difficulties", "Khó khăn, vướng mắc")
    yield from _said(report, "proposals", "Kiến nghị, đề xuất")


def _said(report: Report, key: str, title: str) -> Iterator[Block]:
    said = [(row["title"], str(dict(row)[key])) for row in report["rows"] if dict(row)[key]]
    if said:
        yield Title(title)
    for agency, words in said:
        yield Paragraph(words, lead=f"{agency}:")


def _annex(report: Report, period: str) -> Annex:
    columns = [
        Column("STT", 0.5, "center"),
        Column(GROUPS[report["group"]], 3.0),
        *(Column(HEADINGS[key], 1.0, "right") for key in IN_DOCUMENT),
    ]
    rows = [
        [str(number), row["title"], *(cell(row["figures"], key) for key in IN_DOCUMENT)]
        for number, row in enumerate(report["rows"], start=1)
    ]
    total = Total(["", "Tổng số", *(cell(report["total"], key) for key in IN_DOCUMENT)])
    return Annex(
        title=f"Số liệu công bố và sử dụng dữ liệu mở {BY[report['group']]}, {period}",
        blocks=[Table(columns, [*rows, total], numbered=True)],
    )


def _period(code: str) -> str:
    """Return a period in Vietnamese words."""
    year, _, part = code.partition("-")
    if part.startswith("Q"):
        return f"quý {('I', 'II', 'III', 'IV')[int(part[1]) - 1]} năm {year}"
    return f"tháng {int(part)} năm {year}" if part else f"năm {year}"
