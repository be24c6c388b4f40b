"""Writes the numbers in Redis to the database, by day and dataset; nothing is lost or added twice.

The numbers of a day are first renamed, so that what is counted from then on is in a new hash. A
renamed hash is a batch: its id and its numbers are committed together, and only then it is deleted
in Redis. A process that is killed in between leaves a batch, which the next one finds; if its id is
in the database, it is deleted and not added again. Batches of two processes are different ones, and
of two that find the same, the primary key of the batches lets one write.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from redis.exceptions import ResponseError
from sqlalchemy.dialects.postgresql import insert

from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.model.types import make_uuid

from ckanext.nd47.catalogue.reports.usage import counting
from ckanext.nd47.catalogue.reports.usage.model import COUNTED, OF_ROBOTS, OWN, UsageBatch, UsageDay

KEPT = dt.timedelta(days=60)
"""How long the id of a written batch is stored."""

COLUMNS: Mapping[str, str] = {
    **dict(zip((counting.VIEW, counting.DOWNLOAD, counting.API), COUNTED, strict=True)),
    **dict(
        zip(
            (f"robot-{kind}" for kind in (counting.VIEW, counting.DOWNLOAD, counting.API)),
            OF_ROBOTS,
            strict=True,
        )
    ),
}
"""Column of each kind in Redis."""


class Number(NamedTuple):
    """A number as it is in Redis: column, dataset or file as an address named it, how often."""

    column: str
    reference: str
    times: int


def flush() -> int:
    """Write what was counted; return how many views, downloads and calls that were.

    Raises:
        redis.exceptions.RedisError: Redis does not answer; what it has is written later.
    """
    _rename_days()
    written = 0
    for key in _keys("batch:"):
        day, _, batch = key.removeprefix(f"{counting.prefix()}batch:").partition(":")
        written += _write(dt.date.fromisoformat(day), batch, key)
    model.Session.execute(sa.delete(UsageBatch).where(UsageBatch.written < sa.func.now() - KEPT))
    model.Session.commit()
    return written


def _rename_days() -> None:
    store = connect_to_redis()
    for key in _keys("day:"):
        day = key.removeprefix(f"{counting.prefix()}day:")
        try:
            store.rename(key, f"{counting.prefix()}batch:{day}:{make_uuid()}")
        except ResponseError:
            # Another process was faster.
            continue


def _keys(kind: str) -> list[str]:
    keys: Iterable[Any] = connect_to_redis().scan_iter(f"{counting.prefix()}{kind}*", count=1000)
    return sorted(key.decode() for key in keys)


def _write(day: dt.date, batch: str, key: str) -> int:
    """Write a batch unless it is written, then delete it; return how much was counted."""
    stored: Any = connect_to_redis().hgetall(key)
    numbers = [number for field, value in stored.items() if (number := _number(field, value))]
    claimed = model.Session.scalar(
        insert(UsageBatch).values(id=batch).on_conflict_do_nothing().returning(UsageBatch.id)
    )
    if claimed:
        _add(day, numbers)
    model.Session.commit()
    connect_to_redis().delete(key)
    return sum(number.times for number in numbers) if claimed else 0


def _number(field: bytes, value: bytes) -> Number | None:
    kind, _, reference = field.decode().partition(" ")
    return Number(COLUMNS[kind], reference, int(value)) if kind in COLUMNS else None


def _add(day: dt.date, numbers: list[Number]) -> None:
    datasets = _datasets({number.reference for number in numbers})
    rows: defaultdict[str, dict[str, Any]] = defaultdict(
        lambda: dict.fromkeys((*COUNTED, *OF_ROBOTS), 0)
    )
    for number in numbers:
        rows[datasets.get(number.reference, "")][number.column] += number.times
    if not rows:
        return
    values = [
        {"day": day, "dataset_id": dataset_id, "source": OWN, **counts}
        # In one order, so that two processes wait for each other and never lock each other out.
        for dataset_id, counts in sorted(rows.items())
    ]
    table = UsageDay.__table__
    statement = insert(table).values(values)
    added = {name: table.c[name] + statement.excluded[name] for name in (*COUNTED, *OF_ROBOTS)}
    model.Session.execute(
        statement.on_conflict_do_update(index_elements=["day", "dataset_id", "source"], set_=added)
    )


def _datasets(references: set[str]) -> dict[str, str]:
    """Return the id of the dataset by what addresses call it: name, id, or id of a file.

    What is not public is left out: it counts for no dataset.
    """
    package, resource = model.package_table.c, model.resource_table.c
    public = sa.and_(package.state == model.State.ACTIVE, sa.not_(package.private))
    of_files = (
        sa.select(resource.id, package.id)
        .join_from(model.resource_table, model.package_table, package.id == resource.package_id)
        .where(resource.id.in_(references), public)
    )
    by_name = sa.select(package.name, package.id).where(package.name.in_(references), public)
    by_id = sa.select(package.id, package.id).where(package.id.in_(references), public)
    rows = model.Session.execute(sa.union_all(of_files, by_name, by_id)).tuples()
    return dict(rows.all())
