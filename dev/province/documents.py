"""Administrative documents as PDF and as plain text, laid out after Nghị định 30/2020/NĐ-CP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Literal

from fpdf import FPDF

FONT_FOLDERS = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/dejavu"),
)
Style = Literal["", "B"]
FONTS: dict[Style, str] = {"": "DejaVuSerif.ttf", "B": "DejaVuSerif-Bold.ttf"}
FONT_PACKAGE = "fonts-dejavu-core"
FIXED_TIME = datetime(2026, 1, 1, tzinfo=timezone.utc)
NOTICE = "Văn bản minh họa của tỉnh giả định Vĩnh Khuê, không có giá trị pháp lý."
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
ENACTING = {"QUYẾT ĐỊNH": "QUYẾT ĐỊNH:", "NGHỊ QUYẾT": "QUYẾT NGHỊ:"}
"""The line between the grounds and the articles of a document that has articles."""


class FontMissingError(RuntimeError):
    """The font with the Vietnamese letters is not installed."""


@dataclass(frozen=True)
class Section:
    """An article or chapter: a heading and its paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """An administrative document; `signer` is an office, never a person."""

    kind: str
    issuer: str
    number: str
    issued: date
    about: str
    grounds: tuple[str, ...]
    sections: tuple[Section, ...]
    signer: tuple[str, ...]


def text_bytes(document: Document) -> bytes:
    """Return the document as UTF-8 text."""
    parts = [
        NATION,
        MOTTO,
        "",
        document.issuer,
        f"Số: {document.number}",
        _place_and_date(document),
        "",
        document.kind,
        document.about,
        "",
        *document.grounds,
        *([enacting] if (enacting := ENACTING.get(document.kind)) else []),
    ]
    for section in document.sections:
        parts += ["", section.heading, *section.paragraphs]
    parts += ["", *document.signer, "(Đã ký)", "", NOTICE]
    return ("\n".join(parts) + "\n").encode()


def pdf_bytes(document: Document) -> bytes:
    """Return the document as a PDF with selectable Vietnamese text.

    Raises:
        FontMissingError: the DejaVu fonts are not installed.
    """
    pdf = _Page(format="A4")
    folder = _font_folder()
    for style, name in FONTS.items():
        pdf.add_font("DejaVu", style, folder / name)
    pdf.set_creation_date(FIXED_TIME)
    pdf.set_title(f"{document.kind} {document.number}")
    pdf.set_author(document.issuer)
    pdf.set_lang("vi")
    pdf.set_margins(30, 20, 20)
    pdf.add_page()
    _head(pdf, document)
    for ground in document.grounds:
        _paragraph(pdf, ground)
    if enacting := ENACTING.get(document.kind):
        _paragraph(pdf, enacting, style="B", align="C")
    for section in document.sections:
        pdf.ln(2)
        _paragraph(pdf, section.heading, style="B", align="L")
        for paragraph in section.paragraphs:
            _paragraph(pdf, paragraph)
    pdf.ln(6)
    for line in (*document.signer, "(Đã ký)"):
        pdf.set_font("DejaVu", "B" if line != "(Đã ký)" else "", 11)
        pdf.set_x(110)
        pdf.multi_cell(80, 6, line, align="C", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


class _Page(FPDF):
    """A page that says at its foot that the document is an illustration."""

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("DejaVu", "", 8)
        self.cell(0, 5, f"{NOTICE} Trang {self.page_no()}", align="C")


def _font_folder() -> Path:
    for folder in FONT_FOLDERS:
        if all((folder / name).is_file() for name in FONTS.values()):
            return folder
    msg = f"no font with Vietnamese letters found; install the Debian package {FONT_PACKAGE}"
    raise FontMissingError(msg)


def _place_and_date(document: Document) -> str:
    day = document.issued
    # Decree 30/2020, appendix I: days under 10 and months 1 and 2 get a zero before them.
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)  # noqa: PLR2004
    return f"Vĩnh Khuê, ngày {day.day:02d} tháng {month} năm {day.year}"


def _head(pdf: FPDF, document: Document) -> None:
    top = pdf.get_y()
    _column(
        pdf, 20, 80, top, [(document.issuer, "B"), ("-------", ""), (f"Số: {document.number}", "")]
    )
    left_end = pdf.get_y()
    lines: list[tuple[str, Style]] = [
        (NATION, "B"),
        (MOTTO, "B"),
        ("---------------", ""),
        (_place_and_date(document), ""),
    ]
    _column(pdf, 100, 95, top, lines)
    pdf.set_y(max(left_end, pdf.get_y()) + 8)
    pdf.set_font("DejaVu", "B", 13)
    pdf.multi_cell(0, 7, document.kind, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("DejaVu", "B", 11)
    pdf.multi_cell(0, 6, document.about, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)


def _column(
    pdf: FPDF, left: float, width: float, top: float, lines: Sequence[tuple[str, Style]]
) -> None:
    pdf.set_y(top)
    for text, style in lines:
        pdf.set_x(left)
        pdf.set_font("DejaVu", style, 9)
        pdf.multi_cell(width, 5.5, text, align="C", new_x="LMARGIN", new_y="NEXT")


def _paragraph(
    pdf: FPDF, text: str, style: Style = "", align: Literal["L", "J", "C"] = "J"
) -> None:
    pdf.set_font("DejaVu", style, 11)
    pdf.multi_cell(0, 6.2, text, align=align, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1)
