"""Head, body and end of a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ckanext.nd47.lib.files.official_documents import elements, form
from ckanext.nd47.lib.files.official_documents.document import (
    Annex,
    OfficialDocument,
    Opening,
    Paragraph,
    Signature,
    Title,
)
from ckanext.nd47.lib.files.official_documents.elements import Element
from ckanext.nd47.lib.files.official_documents.form import Form

UPPER_WIDTH, LOWER_WIDTH = 0.69, 0.5
"""Width of an average letter compared with the size of the type, for the length of lines."""
POINT_MM = 25.4 / 72
SHORT_LINE = 0.4
"""A line below a name is a third to a half as long as the name."""
ROOM_FOR_SIGNATURE = 4
ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def add_opening(parent: Element, opening: Opening, width: float, rules: Form) -> None:
    """Add agency and number on the left, national title, place and day on the right."""
    left = rules.opening_left * width / rules.page.text_width(landscape=False)
    widths = [left, width - left]
    grid = elements.grid(parent, widths, border=False, margin=0)
    row = elements.row(grid)
    issuer = elements.cell(row, elements.twips(widths[0]))
    if opening.superior:
        elements.text(issuer, "superior", opening.superior.upper())
    elements.text(issuer, "agency", opening.agency.upper())
    name = _length(opening.agency.upper(), rules.styles["agency"].size, UPPER_WIDTH)
    elements.line(issuer, min(name, left) * SHORT_LINE, left)
    nation = elements.cell(row, elements.twips(widths[1]))
    elements.text(nation, "nation", rules.words["nation"])
    elements.text(nation, "motto", rules.words["motto"])
    motto = _length(rules.words["motto"], rules.styles["motto"].size, LOWER_WIDTH)
    elements.line(nation, motto, widths[1])
    second = elements.row(grid)
    number = rules.words["number"].format(number=form.number_of(opening.number))
    elements.text(elements.cell(second, elements.twips(widths[0])), "number", number)
    place = rules.words["place_and_day"].format(
        place=opening.place or rules.words["number_blank"], **form.parts_of(opening.day)
    )
    elements.text(elements.cell(second, elements.twips(widths[1])), "place", place)


def add_subject(parent: Element, document: OfficialDocument, width: float, rules: Form) -> None:
    """Add what the document is and what it is about."""
    if document.kind:
        elements.text(parent, "kind", document.kind.upper())
    if document.subject:
        elements.text(parent, "subject", document.subject)
        length = _length(document.subject, rules.styles["subject"].size, LOWER_WIDTH)
        elements.line(parent, min(length, width / 2) * SHORT_LINE, width)
    if document.authority:
        elements.text(parent, "authority", document.authority.upper())


def add_bases(parent: Element, bases: Sequence[str]) -> None:
    """Add the legal bases, which end in a semicolon, the last one in a full stop."""
    for text in _ended(bases):
        elements.text(parent, "basis", text)


def add_text(parent: Element, block: Paragraph | Title, numbers: Counter[int]) -> None:
    """Add a paragraph, or a title with its number.

    Args:
        parent: the body of the document.
        block: what to add.
        numbers: the titles so far by level; changed.
    """
    if isinstance(block, Title):
        numbers[block.level] += 1
        for level in [level for level in numbers if level > block.level]:
            del numbers[level]
        number = _numbered(block.level, numbers[block.level])
        elements.text(parent, f"title{block.level}", f"{number} {block.text}")
        return
    added = elements.paragraph(parent, "body")
    if block.lead:
        elements.run(added, f"{block.lead} ", bold=True)
    elements.run(added, block.text)


def add_closing(
    parent: Element,
    signature: Signature | None,
    recipients: Sequence[str],
    width: float,
    rules: Form,
) -> None:
    """Add recipients on the left and the place for the signature on the right."""
    if not signature and not recipients:
        return
    elements.text(parent, "note", "")
    half = width / 2
    row = elements.row(elements.grid(parent, [half, half], border=False, margin=0))
    left = elements.cell(row, elements.twips(half))
    if recipients:
        elements.text(left, "recipients", rules.words["recipients"])
    for text in _ended(recipients):
        elements.text(left, "recipient", f"- {text}")
    right = elements.cell(row, elements.twips(half))
    if signature:
        for power in signature.powers:
            elements.text(right, "power", power.upper())
        for _ in range(ROOM_FOR_SIGNATURE):
            elements.text(right, "power", "")
        elements.text(right, "signatory", signature.name)
    for side in (left, right):
        if len(side) == 1:
            # A cell has at least one paragraph.
            elements.text(side, "recipient", "")


def add_annex_title(parent: Element, annex: Annex, width: float, rules: Form) -> None:
    """Add number and title of an annex, and the document that it belongs to."""
    elements.text(parent, "annex", f"{rules.words['annex']} {annex.number}".strip())
    elements.text(parent, "annex_title", annex.title.upper())
    if annex.of:
        words = rules.words["annex_of"].format(
            kind=annex.of.kind,
            number=form.number_of(annex.of.number),
            issuer=annex.of.issuer,
            **form.parts_of(annex.of.day),
        )
        elements.text(parent, "annex_of", words)
    elements.line(parent, width / 6, width)
    elements.text(parent, "note", "")


def _ended(texts: Sequence[str]) -> list[str]:
    stripped = [text.rstrip(" ;.,") for text in texts]
    return [f"{text}{'.' if text is stripped[-1] else ';'}" for text in stripped]


def _numbered(level: int, number: int) -> str:
    if level == 1:
        return f"{_roman(number)}."
    return f"{number}." if level == 2 else f"{chr(ord('a') + (number - 1) % 26)})"  # noqa: PLR2004


def _roman(number: int) -> str:
    written = ""
    for value, letters in ROMAN:
        while number >= value:
            written += letters
            number -= value
    return written


def _length(text: str, size: float, letter: float) -> float:
    """Return about how many millimetres a text is long."""
    return len(text) * size * letter * POINT_MM
