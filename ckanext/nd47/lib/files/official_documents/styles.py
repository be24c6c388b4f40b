"""Styles of a document: its font, and one style for each kind of paragraph."""

from __future__ import annotations

from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle

from ckanext.nd47.lib.files.official_documents.form import Form, Style

ALIGNMENTS = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}
SCRIPTS = ("ascii", "hAnsi", "cs", "eastAsia")
USED = frozenset({"Normal", "DefaultParagraphFont", "TableNormal", "NoList", "Header", "Footer"})
"""Styles of the library's template that stay; its others have colours and fonts of their own."""


def define(document: DocxDocument, form: Form) -> None:
    """Give a document the styles of the form, and nothing else."""
    sheet = document.styles.element
    for style in list(sheet.style_lst):
        if style.styleId not in USED:
            sheet.remove(style)
    defaults = sheet.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    defaults.clear()
    _add_font(defaults, form)
    normal = document.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)  # noqa: S101 - of the library's template
    normal.font.name = form.font
    normal.font.size = Pt(form.styles["body"].size)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = 1.0
    for key, style in form.styles.items():
        _define(document, key, style)


def _add_font(defaults: Element, form: Form) -> None:
    fonts = OxmlElement("w:rFonts")
    for script in SCRIPTS:
        fonts.set(qn(f"w:{script}"), form.font)
    language = OxmlElement("w:lang")
    for attribute in ("val", "eastAsia"):
        language.set(qn(f"w:{attribute}"), form.language)
    defaults.append(fonts)
    defaults.append(language)


def _define(document: DocxDocument, key: str, style: Style) -> None:
    added = document.styles.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(added, ParagraphStyle)  # noqa: S101 - its type was given
    added.element.styleId = key
    added.base_style = document.styles["Normal"]
    added.quick_style = True
    added.font.size = Pt(style.size)
    added.font.bold = style.bold
    added.font.italic = style.italic
    layout = added.paragraph_format
    layout.alignment = ALIGNMENTS[style.align]
    layout.space_before = Pt(style.before)
    layout.space_after = Pt(style.after)
    layout.line_spacing = style.line
    layout.keep_with_next = style.follows
    layout.widow_control = True
    if style.first:
        layout.first_line_indent = Mm(style.first)
    if style.outline is not None:
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(style.outline))
        added.element.get_or_add_pPr().append(level)
