"""Asks the addresses that are due, and stores what they answer.

It can be killed at any moment and repeated, and run on several servers at once: a run takes
addresses by pushing their next check ahead, in the database, so that no other takes them. What it
did not answer before it was killed is due again after `CLAIM`.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from ckan import model
from ckan.model import core

from ckanext.nd47.lib import config
from ckanext.nd47.lib.web.public_network import places
from ckanext.nd47.tables.check_jobs import files, process
from ckanext.nd47.tables.links import uses
from ckanext.nd47.tables.links.model import DEAD, FAILING, GOOD, UNKNOWN, LinkCheck
from ckanext.nd47.tables.links.outcome import FAILED, OK, REFUSED, host_of

PROBE = "ckanext.nd47.tables.links.probe"

CLAIM = dt.timedelta(minutes=30)
"""After which an address that was taken and not answered is due again."""

AGAIN = {
    GOOD: dt.timedelta(days=3),
    UNKNOWN: dt.timedelta(days=7),
    FAILING: dt.timedelta(hours=20),
    DEAD: dt.timedelta(hours=20),
}
"""Time to the next check by status; a daily timer comes at slightly different moments."""

APART = dt.timedelta(hours=12)
"""Two failures less than this apart count as one: a server may be down for an hour."""

BATCH = 200
STORED_AT_ONCE = 20
MOST_HISTORY = 20
PAUSE = 1.0
"""Seconds between two requests to one host."""

PROBE_SECONDS = 1500
"""Time for a batch, below `CLAIM`: 200 addresses of one host that all answer slowly."""


class Answer(NamedTuple):
    """What an address answered, see `probe`."""

    address: str
    outcome: str
    answer: str


Asking = Callable[[Sequence[str]], Iterator[Answer]]


def check(most: int, pause: float = PAUSE) -> int:
    """Ask the addresses that are due; return how many were asked.

    Args:
        most: how many at most.
        pause: seconds between two requests to one host.
    """
    done = 0
    while done < most and (addresses := take(min(BATCH, most - done))):
        stored = [address for address in addresses if address.startswith(uses.UPLOADED)]
        linked = [address for address in addresses if not address.startswith(uses.UPLOADED)]
        for answers in (_of_uploads(stored), _of_links(linked, pause)):
            _store_all(answers)
        done += len(addresses)
    return done


def due() -> int:
    """Return the number of addresses that are due."""
    query = sa.select(sa.func.count()).select_from(LinkCheck).where(LinkCheck.due <= sa.func.now())
    return model.Session.scalar(query) or 0


def take(most: int) -> list[str]:
    """Take addresses that are due, those that wait longest first."""
    chosen = (
        sa.select(LinkCheck.key)
        .where(LinkCheck.due <= sa.func.now())
        .order_by(LinkCheck.due)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = (
        sa.update(LinkCheck)
        .where(LinkCheck.key.in_(chosen))
        .values(due=sa.func.now() + CLAIM)
        .returning(LinkCheck.address)
        .execution_options(synchronize_session=False)
    )
    addresses = list(model.Session.scalars(taken))
    model.Session.commit()
    return addresses


def _of_uploads(addresses: Sequence[str]) -> Iterator[Answer]:
    """Look whether uploaded files are in the storage; nothing is read."""
    ids = [address.removeprefix(uses.UPLOADED) for address in addresses]
    table: Any = model.Resource
    query = sa.select(table).where(table.id.in_(ids), table.state == core.State.ACTIVE)
    for resource in list(model.Session.scalars(query)) if ids else ():
        there = files.is_stored(resource)
        yield Answer(
            f"{uses.UPLOADED}{resource.id}", OK if there else FAILED, "" if there else "gone"
        )


def _of_links(addresses: Sequence[str], pause: float) -> Iterator[Answer]:
    """Ask addresses of the web in a process of its own, which ends with this one."""
    if not addresses:
        return
    own = config.site_base()
    content = {
        "allowed": sorted(places(own)),
        "own": host_of(own),
        "pause": pause,
        "addresses": list(addresses),
    }
    with subprocess.Popen(  # noqa: S603 - this package
        [sys.executable, "-m", PROBE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        cwd=Path("/"),
        env=process.environment(),
    ) as running:
        yield from _lines(running, content)


def _lines(running: subprocess.Popen[str], content: dict[str, Any]) -> Iterator[Answer]:
    if running.stdin is None or running.stdout is None:
        return
    try:
        json.dump(content, running.stdin)
        running.stdin.close()
        deadline = dt.datetime.now(dt.timezone.utc) + dt.timedelta(seconds=PROBE_SECONDS)
        for line in running.stdout:
            yield Answer(**json.loads(line))
            if dt.datetime.now(dt.timezone.utc) > deadline:
                break
    finally:
        running.kill()


def _store_all(answers: Iterator[Answer]) -> None:
    waiting: list[Answer] = []
    for answer in answers:
        waiting.append(answer)
        if len(waiting) >= STORED_AT_ONCE:
            _store(waiting)
            waiting = []
    _store(waiting)


def _store(answers: Sequence[Answer]) -> None:
    """Store answers, and commit."""
    if not answers:
        return
    by_key = {uses.key_of(answer.address): answer for answer in answers}
    rows = model.Session.scalars(
        sa.select(LinkCheck)
        .where(LinkCheck.key.in_(by_key))
        .order_by(LinkCheck.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    now = dt.datetime.now(dt.timezone.utc)
    for row in rows:
        _apply(row, by_key[row.key], now)
    model.Session.commit()


def _apply(row: LinkCheck, answer: Answer, now: dt.datetime) -> None:
    """Write an answer into its row."""
    before = row.status, row.answer
    if answer.outcome == OK:
        row.status, row.failures, row.first_failed, row.last_good = GOOD, 0, None, now
    elif answer.outcome == REFUSED:
        row.status, row.failures, row.first_failed = UNKNOWN, 0, None
    else:
        is_another = not row.last_checked or not row.failures or now - row.last_checked >= APART
        row.failures += 1 if is_another else 0
        row.first_failed = row.first_failed or now
        row.status = DEAD if row.failures > 1 else FAILING
    row.answer, row.last_checked = answer.answer, now
    row.due = now + AGAIN[row.status]
    if (row.status, row.answer) != before:
        change = {"moment": now.isoformat(), "status": row.status, "answer": row.answer}
        row.history = [change, *row.history][:MOST_HISTORY]
