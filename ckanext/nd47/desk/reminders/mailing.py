"""Sends each account one message for a period at most, from however many processes.

A message is a row, which exists once for an account and a period. A process claims it by changing
its state from `pending` to `sending` and commits before it speaks to the mail server; then it
records what became of it. So a process that is killed in between leaves a row in the state
`sending`, and nobody knows whether the server had accepted the message: it is never sent again.
What it was to say is in the message of the next period, since only what is recorded as sent counts
as said. What the server refused for now stays `pending` and is sent later; the message of a later
period takes its place, with all that still waits then.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.reminders import compose, delivery, recipients
from ckanext.nd47.desk.reminders.model import (
    FAILED,
    PENDING,
    REPLACED,
    SENDING,
    SENT,
    UNKNOWN,
    Reminder,
)
from ckanext.nd47.desk.reminders.recipients import Letter
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates, working_days
from ckanext.nd47.lib.vocabularies import vocabulary

log = logging.getLogger(__name__)

FIRST_PAUSE = dt.timedelta(minutes=5)
"""Before the second attempt; it doubles each time."""

LONGEST_PAUSE = dt.timedelta(hours=2)

HANGING = dt.timedelta(hours=1)
"""After which a claimed message counts as that of a process that has died."""

KEPT = dt.timedelta(days=366)
"""How long the record of a message is stored."""

MOST_FAILURES = 3
"""Messages in a row without a connection after which a run stops; the others are not claimed."""


class Outcome(TypedDict):
    """What a run did.

    `sent`, `failed` and `unknown` are numbers of messages; `waiting` of those that are to be sent
    later, because the server did not take them now. `day_off`: nothing is sent on the day.
    """

    sent: int
    failed: int
    unknown: int
    waiting: int
    day_off: bool


class Told(NamedTuple):
    """The last message that an account got: its period, and the keys of the things in it."""

    period: dt.date
    things: frozenset[str]


@dataclass(frozen=True)
class Claim:
    """A message that this process alone sends."""

    id: str
    attempts: int


def period_of(day: dt.date) -> dt.date:
    """Return the period of a day: the day itself, or the Monday of its week."""
    return working_days.first_of_week(day) if config.reminders_are_weekly() else day


def due(day: dt.date) -> list[Letter]:
    """Return the letters to send on a day, in a constant number of statements; nothing is stored.

    An account gets none that had one for the period already, nor one in which nothing is new since
    the last one, unless that was some days ago.
    """
    period = period_of(day)
    handled = set(
        model.Session.scalars(
            sa.select(Reminder.user_id).where(
                Reminder.period >= period,
                sa.or_(Reminder.period > period, Reminder.state != PENDING),
            )
        )
    )
    told = _last_told()
    return [
        letter
        for letter in recipients.letters(day)
        if letter.account.id not in handled and _is_needed(letter, told, day)
    ]


def run(day: dt.date) -> Outcome:
    """Send what is due on a day; the run can be interrupted, repeated and made by several nodes."""
    outcome: Outcome = {"sent": 0, "failed": 0, "unknown": 0, "waiting": 0, "day_off": False}
    outcome["unknown"] = _give_up_hanging()
    if not working_days.is_working_day(day):
        outcome["day_off"] = True
        return outcome
    with dates.on(day), vocabulary.preloaded(), directory.preloaded():
        letters = due(day)
        period = period_of(day)
        _enter(letters, period)
        _send(letters, period, outcome)
    outcome["waiting"] = (
        model.Session.scalar(
            sa.select(sa.func.count()).where(Reminder.period == period, Reminder.state == PENDING)
        )
        or 0
    )
    return outcome


def _send(letters: Sequence[Letter], period: dt.date, outcome: Outcome) -> None:
    failures = 0
    for letter in letters:
        claimed = _claim(letter, period)
        if claimed is None:
            continue
        result = _deliver(letter, claimed)
        _record(claimed, letter, result)
        outcome["sent"] += result.state == SENT
        outcome["failed"] += result.state == FAILED
        outcome["unknown"] += result.state == UNKNOWN
        failures = failures + 1 if result.unreachable else 0
        if failures >= MOST_FAILURES:
            log.warning("The mail server takes no reminders: %s", result.error)
            return


def _deliver(letter: Letter, claimed: Claim) -> delivery.Delivery:
    try:
        message = compose.compose(letter, claimed.id)
    except Exception as error:
        # A dataset or a kind of another plugin must not keep all others from their messages.
        log.exception("The reminder of account %s cannot be written", letter.account.id)
        model.Session.rollback()
        return delivery.Delivery(FAILED, type(error).__name__)
    return delivery.deliver(message)


def _is_needed(letter: Letter, told: Mapping[str, Told], day: dt.date) -> bool:
    last = told.get(letter.account.id)
    if last is None or config.reminders_are_weekly():
        return True
    is_old = last.period <= day - dt.timedelta(days=config.reminder_repeat_days())
    return is_old or not last.things.issuperset(letter.keys)


def _last_told() -> dict[str, Told]:
    """Return the last message that each account got, in one statement."""
    rows = model.Session.execute(
        sa.select(Reminder.user_id, Reminder.period, Reminder.things)
        .distinct(Reminder.user_id)
        .where(Reminder.state == SENT)
        .order_by(Reminder.user_id, Reminder.period.desc())
    )
    return {row.user_id: Told(row.period, frozenset(row.things)) for row in rows}


def _enter(letters: Collection[Letter], period: dt.date) -> None:
    """Create the rows of the messages that have none, and end those whose time is over."""
    ids = [letter.account.id for letter in letters]
    old = sa.update(Reminder).where(Reminder.period < period, Reminder.state == PENDING)
    model.Session.execute(old.values(state=REPLACED, changed=sa.func.now()))
    listed = sa.literal(ids, ARRAY(sa.Text))
    needless = sa.delete(Reminder).where(
        Reminder.period == period, Reminder.state == PENDING, Reminder.user_id != sa.all_(listed)
    )
    model.Session.execute(needless)
    model.Session.execute(sa.delete(Reminder).where(Reminder.period < period - KEPT))
    made = [Reminder(user_id=user_id, period=period) for user_id in ids]
    if made:
        rows = [
            {"id": reminder.id, "user_id": reminder.user_id, "period": reminder.period}
            for reminder in made
        ]
        model.Session.execute(
            insert(Reminder).on_conflict_do_nothing(constraint="uq_nd47_reminder_user_id"), rows
        )
    model.Session.commit()


def _claim(letter: Letter, period: dt.date) -> Claim | None:
    """Claim the message of an account; None where another process has it, or it is not due yet."""
    row = model.Session.execute(
        sa.update(Reminder)
        .where(
            Reminder.user_id == letter.account.id,
            Reminder.period == period,
            Reminder.state == PENDING,
            Reminder.next_attempt <= sa.func.now(),
        )
        .values(state=SENDING, attempts=Reminder.attempts + 1, changed=sa.func.now())
        .returning(Reminder.id, Reminder.attempts)
        .execution_options(synchronize_session=False)
    ).first()
    model.Session.commit()
    return Claim(row.id, row.attempts) if row else None


def _record(claimed: Claim, letter: Letter, result: delivery.Delivery) -> None:
    pause = min(FIRST_PAUSE * 2 ** min(claimed.attempts - 1, 10), LONGEST_PAUSE)
    values = {
        "state": result.state,
        "error": result.error,
        "changed": sa.func.now(),
        "next_attempt": sa.func.now() + pause,
        "things": letter.keys if result.state == SENT else [],
    }
    model.Session.execute(
        sa.update(Reminder)
        .where(Reminder.id == claimed.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()


def _give_up_hanging() -> int:
    """End the messages of processes that died while they were sending; return their number."""
    ended = model.Session.execute(
        sa.update(Reminder)
        .where(Reminder.state == SENDING, Reminder.changed < sa.func.now() - HANGING)
        .values(state=UNKNOWN, changed=sa.func.now())
        .returning(Reminder.id)
        .execution_options(synchronize_session=False)
    ).all()
    model.Session.commit()
    return len(ended)
