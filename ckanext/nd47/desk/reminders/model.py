"""The messages of each account, and what it wants to be reminded of."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal, get_args
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan.model.meta import registry

from ckanext.nd47.lib.database.migrated_table import MigratedTable

TABLE = "nd47_reminder"
CHOICE_TABLE = "nd47_reminder_choice"

State = Literal["pending", "sending", "sent", "failed", "unknown", "replaced"]
STATES: tuple[State, ...] = get_args(State)
PENDING: State = "pending"
SENDING: State = "sending"
SENT: State = "sent"
FAILED: State = "failed"
UNKNOWN: State = "unknown"
REPLACED: State = "replaced"


@registry.mapped_as_dataclass(kw_only=True)
class Reminder:
    """The message of an account for a period: there is one at most.

    Args:
        id: a UUID, which the Message-ID contains.
        user_id: the account.
        period: the day, or the Monday of the week.
        state: `pending` until it is claimed or after the server refused it for now, `sending` from
            the claim on, `sent` once the server accepted it, `failed` where it refused it for good,
            `unknown` where it is not known whether the server accepted it, `replaced` where the
            message of a later period holds what it was to say.
        attempts: how often it was claimed.
        next_attempt: when it may be claimed again.
        changed: when the state changed last.
        things: keys of the things in it, from the time when it was sent.
        error: kind of the last failure and status of the server, without any address.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = TABLE
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_reminder"),
        sa.UniqueConstraint("user_id", "period", name="uq_nd47_reminder_user_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_nd47_reminder_user_id", ondelete="CASCADE"
        ),
        sa.Index("ix_nd47_reminder_period", "period"),
    )

    user_id: Mapped[str] = mapped_column(sa.Text)
    period: Mapped[dt.date] = mapped_column(sa.Date)
    id: Mapped[str] = mapped_column(sa.Text, default_factory=lambda: str(uuid4()))
    state: Mapped[str] = mapped_column(sa.Text, default=PENDING, server_default=PENDING)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    next_attempt: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now(), init=False
    )
    changed: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now(), init=False
    )
    things: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text), default_factory=list, server_default="{}"
    )
    error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")


@registry.mapped_as_dataclass(kw_only=True)
class ReminderChoice:
    """What an account wants to be reminded of; without a row everything, in the portal's language.

    Args:
        user_id: the account.
        language: code of the language of its messages; empty for that of the portal.
        kinds_off: kinds of work that it is not reminded of.
        all_off: whether it is reminded of nothing.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = CHOICE_TABLE
    __table_args__ = (
        sa.PrimaryKeyConstraint("user_id", name="pk_nd47_reminder_choice"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_nd47_reminder_choice_user_id", ondelete="CASCADE"
        ),
    )

    user_id: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    kinds_off: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text), default_factory=list, server_default="{}"
    )
    all_off: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())


_table = MigratedTable(
    CHOICE_TABLE, lambda: tk._("The reminders have no tables yet. Run: {command}")
)
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the tables exist; without them there are no reminders."""
