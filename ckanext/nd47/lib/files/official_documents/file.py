"""Makes the file of a document."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Sequence

import docx
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm

from ckanext.nd47.lib.files.official_documents import elements, form, parts, styles, tables
from ckanext.nd47.lib.files.official_documents.document import (
    Block,
    OfficialDocument,
    Picture,
    Table,
)
from ckanext.nd47.lib.files.official_documents.elements import Element
from ckanext.nd47.lib.files.official_documents.form import Form
from ckanext.nd47.lib.files.spreadsheets.spreadsheet import NOT_IN_XML, REPLACEMENT

PROPERTY_LIMIT = 255
"""Characters of a title or author in the properties of a file."""


def content(document: OfficialDocument) -> bytes:
    """Return a document as DOCX."""
    rules = form.load()
    written = docx.Document()
    styles.define(written, rules)
    _set_properties(written, document, rules)
    body: Element = written.element.body
    section = written.sections[0]
    is_first = True
    if document.opening or document.blocks:
        _set_page(section, rules, landscape=document.landscape)
        _number_pages(section)
        _add_body(written, document, rules)
        is_first = False
    for annex in document.annexes:
        if not is_first:
            section = written.add_section(WD_SECTION.NEW_PAGE)
        _set_page(section, rules, landscape=annex.landscape)
        _number_pages(section)
        width = rules.page.text_width(landscape=annex.landscape)
        with_end = _Body(body)
        parts.add_annex_title(with_end.element, annex, width, rules)
        _add_blocks(written, with_end.element, annex.blocks, width)
        with_end.close()
        is_first = False
    target = io.BytesIO()
    written.save(target)
    return target.getvalue()


class _Body:
    """The body of a document while its last element, the page layout, is set aside."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self._layout = element[-1]
        element.remove(self._layout)

    def close(self) -> None:
        self.element.append(self._layout)


def _add_body(written: DocxDocument, document: OfficialDocument, rules: Form) -> None:
    width = rules.page.text_width(landscape=document.landscape)
    body = _Body(written.element.body)
    if document.opening:
        parts.add_opening(body.element, document.opening, width, rules)
    parts.add_subject(body.element, document, width, rules)
    parts.add_bases(body.element, document.bases)
    _add_blocks(written, body.element, document.blocks, width)
    parts.add_closing(body.element, document.signature, document.recipients, width, rules)
    body.close()


def _add_blocks(
    written: DocxDocument, parent: Element, blocks: Sequence[Block], width: float
) -> None:
    numbers: Counter[int] = Counter()
    for block in blocks:
        if isinstance(block, Table):
            tables.add(parent, block, width)
        elif isinstance(block, Picture):
            _add_picture(written, parent, block, width)
        else:
            parts.add_text(parent, block, numbers)


def _add_picture(written: DocxDocument, parent: Element, picture: Picture, width: float) -> None:
    added = elements.paragraph(parent, "caption")
    run = OxmlElement("w:r")
    shown = Mm(min(picture.width or width, width))
    inline = written.part.new_pic_inline(io.BytesIO(picture.png), shown)
    inline.docPr.set("descr", NOT_IN_XML.sub(REPLACEMENT, picture.description))
    drawing = OxmlElement("w:drawing")
    drawing.append(inline)
    run.append(drawing)
    added.append(run)


def _set_page(section: Section, rules: Form, *, landscape: bool) -> None:
    page = rules.page
    sides = (page.height, page.width) if landscape else (page.width, page.height)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(side) for side in sides)
    section.top_margin, section.bottom_margin = Mm(page.top), Mm(page.bottom)
    section.left_margin, section.right_margin = Mm(page.left), Mm(page.right)
    section.header_distance = section.footer_distance = Mm(page.header)


def _number_pages(section: Section) -> None:
    """Number the pages of a section from 1; its first page shows no number."""
    section.different_first_page_header_footer = True
    section.first_page_header.is_linked_to_previous = False
    section.header.is_linked_to_previous = False
    paragraph = section.header.paragraphs[0]._p  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    for child in list(paragraph):
        paragraph.remove(child)
    properties = elements.child(paragraph, "pPr")
    elements.child(properties, "pStyle", val="page_number")
    elements.field(paragraph, " PAGE ")
    properties = section._sectPr  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    for previous in properties.findall(qn("w:pgNumType")):
        properties.remove(previous)
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "1")
    # The schema wants it after the margins.
    properties.find(qn("w:pgMar")).addnext(start)


def _set_properties(written: DocxDocument, document: OfficialDocument, rules: Form) -> None:
    properties = written.core_properties
    issuer = document.opening.agency if document.opening else ""
    properties.title = NOT_IN_XML.sub(REPLACEMENT, document.title)[:PROPERTY_LIMIT]
    properties.author = properties.last_modified_by = NOT_IN_XML.sub(REPLACEMENT, issuer)[
        :PROPERTY_LIMIT
    ]
    properties.comments = ""
    properties.language = rules.language
    properties.created = properties.modified = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)
