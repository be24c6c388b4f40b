"""Applies the rules to datasets and writes what they find."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.work_list.model import WorkDataset
from ckanext.nd47.desk.work_list.store import fingerprint
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader, harvested, update_state
from ckanext.nd47.rules import file_facts, records, report

log = logging.getLogger(__name__)

SEARCHED = 500
"""Maximum length of the searchable text."""


def write(dataset_ids: Collection[str]) -> None:
    """Examine datasets and write a row for each; deleted ones and other types get none.

    The rows are locked first: who marks them as stale has committed before they are examined, or
    marks them again afterwards. The number of statements does not depend on that of the datasets.
    """
    table = WorkDataset.__table__
    lock = sa.select(table.c.id).where(table.c.id.in_(dataset_ids)).order_by(table.c.id)
    model.Session.execute(lock.with_for_update())
    governed = records.governed_types()
    with directory.uncached(), vocabulary.preloaded():
        datasets = [
            dataset
            for dataset in records.by_ids(list(dataset_ids))
            if dataset["type"] in governed and dataset["state"] != model.State.DELETED
        ]
        if not datasets:
            return
        dataset_reader.prime(datasets)
        exempt = harvested.among([dataset["id"] for dataset in datasets])
        settings = fingerprint.current()
        with file_facts.preloaded(datasets):
            rows = [_row(dataset, settings, exempt=dataset["id"] in exempt) for dataset in datasets]
    _upsert(rows)


def _upsert(rows: list[dict[str, Any]]) -> None:
    statement = insert(WorkDataset.__table__).values(rows)
    changed = {name: statement.excluded[name] for name in rows[0] if name != "id"}
    model.Session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


def _row(dataset: dict[str, Any], settings: str, *, exempt: bool) -> dict[str, Any]:
    """Return the row of a dataset.

    Args:
        dataset: the dataset as the rules read it.
        settings: fingerprint of the settings.
        exempt: it was harvested, so that nothing can be mended here.
    """
    title = str(dataset["title"] or dataset["name"] or "")
    row: dict[str, Any] = {
        "id": dataset["id"],
        "frequency": "",
        "data_date": None,
        "edition": "",
        "unmet": [],
        "facts": {},
        "points": 0,
        "folded": text.fold(f"{title} {dataset['name']}")[:SEARCHED],
        "sort_key": text.sort_key(title),
        "examined": dates.today(),
        "fingerprint": settings,
        "source_modified": _moment(dataset),
        "stale": False,
    }
    if exempt:
        return row
    try:
        return row | _found(dataset)
    except Exception:  # a broken dataset must not prevent a save
        log.exception("Dataset %s cannot be examined", dataset["name"])
        return row


def _found(dataset: dict[str, Any]) -> dict[str, Any]:
    findings = report.examine(dataset, every=True)
    unmet = [
        finding
        for finding in findings
        if finding.met is False and records.has_field(dataset, finding.field)
    ]
    return {
        "frequency": dataset_reader.text(dataset, update_state.FREQUENCY),
        "data_date": update_state.last_update(dataset),
        "edition": findings[0].edition.id if findings else "",
        "unmet": [finding.rule.id for finding in unmet],
        "facts": {
            finding.rule.id: {"field": finding.field, "facts": dict(finding.verdict.facts)}
            for finding in unmet
        },
        "points": sum(finding.rule.points for finding in unmet),
    }


def _moment(dataset: dict[str, Any]) -> Any:
    stamp = dataset.get("metadata_modified")
    return sa.cast(stamp, sa.DateTime) if isinstance(stamp, str) else stamp
