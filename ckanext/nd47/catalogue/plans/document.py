"""A plan as a document to sign, and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ckanext.nd47.catalogue.editions import shown as editions
from ckanext.nd47.catalogue.plans import shown
from ckanext.nd47.catalogue.plans.model import PUBLISH, Plan
from ckanext.nd47.catalogue.plans.progress import EntryRow, PlanDay, StageRow
from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.files import printed_columns
from ckanext.nd47.lib.files.official_documents.document import (
    Annex,
    Block,
    Column,
    DecisionReference,
    OfficialDocument,
    Opening,
    Paragraph,
    Row,
    Signature,
    Table,
    Title,
)
from ckanext.nd47.lib.files.printed_columns import PrintedColumn
from ckanext.nd47.lib.web import http

VIETNAMESE = "vi"
"""Documents are in Vietnamese whatever the language of the screen is."""


@cache
def words() -> Mapping[str, Any]:
    """Return columns, widths and texts of the plan."""
    return read_yaml(data_path("schemas", "plan.yaml"))


def titles(language: str) -> dict[str, str]:
    """Return the titles of the columns by name."""
    return {name: label.get(language, label["en"]) for name, label in words()["columns"].items()}


def printed() -> list[PrintedColumn]:
    """Return the columns that the portal has chosen for the plan."""
    return printed_columns.usable(config.plan_columns(), titles(VIETNAMESE), words()["printed"])


def as_document(plan: Plan, plan_day: PlanDay) -> OfficialDocument:
    """Return a plan with its targets, and as annex who does what by when."""
    texts = words()["document"]
    issuer = plan.issuer or texts["issuer"]
    number = plan.decision_number or texts["symbol"]
    blocks: list[Block] = []
    if plan.description:
        blocks.append(Paragraph(plan.description))
    if plan_day.stages:
        blocks += [Title(texts["targets"]), _stages(plan_day.stages)]
    blocks += [Title(texts["work"]), Paragraph(texts["work_text"])]
    reference = DecisionReference(issuer, number, plan.decision_date, texts["decision"])
    chosen = printed()
    stages = {row.stage.position: row.stage.title for row in plan_day.stages}
    table = Table(
        [_column("number", texts["number"]), *(_column(*column) for column in chosen)],
        _rows(plan_day.rows, chosen, stages),
        numbered=True,
    )
    return OfficialDocument(
        title=plan.title,
        opening=Opening(issuer, number=number, day=plan.decision_date),
        kind=texts["kind"],
        subject=plan.title,
        blocks=blocks,
        signature=Signature([plan.signatory_position or texts["issuer"]], plan.signatory),
        annexes=[Annex(texts["annex"], [table], reference)],
    )


def as_table(plan_day: PlanDay) -> tuple[list[str], list[list[str]]]:
    """Return all columns with how far the entries are, in the language of the request."""
    known = [PrintedColumn(name, title) for name, title in titles(http.language()).items()]
    stages = {row.stage.position: row.stage.title for row in plan_day.stages}
    header = [words()["document"]["number"], *(column.title for column in known)]
    states = shown.entry_states()
    rows = [
        [str(number), *(_cell(row, column.name, stages, states) for column in known)]
        for number, row in enumerate(plan_day.rows, start=1)
    ]
    return header, rows


def _rows(
    rows: Sequence[EntryRow], chosen: Sequence[PrintedColumn], stages: Mapping[int, str]
) -> list[Row]:
    states = shown.entry_states()
    return [
        [str(number), *(_cell(row, column.name, stages, states) for column in chosen)]
        for number, row in enumerate(rows, start=1)
    ]


def _cell(row: EntryRow, name: str, stages: Mapping[int, str], states: Mapping[str, str]) -> str:
    entry = row.entry
    texts = words()["document"]
    cells = {
        "name": entry.name,
        "task": entry.task or texts["publish" if entry.kind == PUBLISH else "improve"],
        "provider": entry.provider or editions.agency(entry.provider_id)["title"],
        "stage": stages.get(row.stage, ""),
        "due": shown.in_words(entry.due),
        "minimum_level": entry.minimum_level,
        "expected": shown.in_words(row.expected),
        "done_on": shown.in_words(row.done_on),
        "state": states[row.state],
        "reason": row.slips[-1].reason if row.slips else "",
    }
    return cells[name]


def _stages(rows: Sequence[StageRow]) -> Table:
    titles_of = words()["stage_columns"]
    texts = words()["document"]
    head = [
        Column(titles_of["number"], 0.4, "center"),
        Column(titles_of["title"], 1.4),
        Column(titles_of["days"], 1.4, "center"),
        Column(titles_of["share_of_items"], 1.1, "center"),
        Column(titles_of["share_of_agencies"], 1.3, "center"),
        Column(titles_of["minimum_level"], 1.6),
    ]
    written: list[Row] = [
        [
            str(row.stage.position),
            row.stage.title,
            texts["period"].format(
                first=shown.in_words(row.stage.first_day), last=shown.in_words(row.stage.last_day)
            ),
            _share(row.stage.share_of_items),
            _share(row.stage.share_of_agencies),
            row.stage.minimum_level,
        ]
        for row in rows
    ]
    return Table(head, written)


def _share(share: int | None) -> str:
    return "" if share is None else words()["document"]["share"].format(share=share)


def _column(name: str, title: str) -> Column:
    weight, align = words()["widths"].get(name, (1.0, "left"))
    return Column(title, weight, align)
