"""An edition, and the difference of two editions, as annex of a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ckanext.nd47.catalogue.documents.tables import NUMBER, TableDict, TableRow
from ckanext.nd47.catalogue.editions.comparison import ComparisonDict, ItemChangeDict
from ckanext.nd47.catalogue.records.model import Catalogue
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.files.official_documents.document import (
    Align,
    Annex,
    Block,
    Column,
    DecisionReference,
    Group,
    OfficialDocument,
    Paragraph,
    Row,
    Table,
    Title,
)


@cache
def words() -> Mapping[str, Any]:
    """Return texts and widths of the printed tables.

    The documents are in Vietnamese whatever the language of the screen is.
    """
    return read_yaml(data_path("schemas", "catalogue-documents.yaml"))


def of_edition(catalogue: Catalogue, table: TableDict) -> OfficialDocument:
    """Return an edition as annex of its decision."""
    annex = Annex(catalogue.title, [_table(table)], decision(catalogue))
    return OfficialDocument(title=catalogue.title, annexes=[annex])


def of_comparison(
    before: Catalogue, after: Catalogue, compared: ComparisonDict
) -> OfficialDocument:
    """Return what is different in an edition as annex of the decision that amends."""
    texts = words()["amendment"]
    parts: list[Block] = [
        Paragraph(
            texts["of"].format(
                title=before.title,
                number=before.decision_number or words()["blank"],
                day=before.decision_date.strftime("%d/%m/%Y")
                if before.decision_date
                else words()["blank"],
            )
        )
    ]
    for kind in ("added", "changed", "removed"):
        items: list[ItemChangeDict] = compared[kind]
        if items:
            parts += [Title(texts[kind]), _changes(items) if kind == "changed" else _items(items)]
    if len(parts) == 1:
        parts.append(Paragraph(texts["none"]))
    title = texts["title"].format(title=after.title)
    return OfficialDocument(title=title, annexes=[Annex(title, parts, decision(after))])


def decision(catalogue: Catalogue) -> DecisionReference:
    """Return the decision of an edition, with room for what is not known yet."""
    return DecisionReference(
        issuer=catalogue.issuer or words()["issuer"],
        number=catalogue.decision_number or words()["symbol"],
        day=catalogue.decision_date,
    )


def layout(name: str) -> tuple[float, Align]:
    """Return the weight and the alignment of a column."""
    weight, align = words()["columns"].get(name, (1.0, "left"))
    return weight, align


def _table(table: TableDict) -> Table:
    columns = [Column(column["title"], *layout(column["name"])) for column in table["columns"]]
    return Table(columns, grouped(table["rows"]), numbered=True)


def grouped(rows: Sequence[TableRow]) -> list[Row]:
    """Return rows with a row across the table where a group begins."""
    written: list[Row] = []
    group = ""
    for row in rows:
        if row["group"] and row["group"] != group:
            written.append(Group(row["group"]))
        group = row["group"]
        written.append(row["cells"])
    return written


def _items(items: Sequence[ItemChangeDict]) -> Table:
    return Table(
        _columns("code", "name", "provider"),
        [
            [str(number), item["code"], item["name"], item["provider"]]
            for number, item in enumerate(items, start=1)
        ],
    )


def _changes(items: Sequence[ItemChangeDict]) -> Table:
    rows: list[Row] = []
    for number, item in enumerate(items, start=1):
        head = [str(number), item["code"], item["name"]]
        for change in item["changes"]:
            rows.append([*head, change["label"], change["before"], change["after"]])
            head = ["", "", ""]
    return Table(_columns("code", "name", "content", "before", "after"), rows)


def _columns(*names: str) -> list[Column]:
    titles = words()["amendment"]["columns"]
    return [Column(titles[name], *layout(name)) for name in (NUMBER, *names)]
