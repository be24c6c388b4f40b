"""Tables of months, of what agencies say about them, and of the messages about them.

They are no classes, and the months are not among CKAN's tables: a trigger of the database refuses
to change what belongs to a closed month.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckan.model.meta import registry

from ckanext.nd47.catalogue.reports.usage.model import COUNTED, OF_ROBOTS

State = Literal["pending", "sending", "sent", "failed", "unknown"]
PENDING: State = "pending"
SENDING: State = "sending"
SENT: State = "sent"
FAILED: State = "failed"
UNKNOWN: State = "unknown"
"""States of a message: to be sent; claimed by a process; what became of it."""

_months = sa.MetaData()


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


months = sa.Table(
    "nd47_snapshot",
    _months,
    sa.Column("month", sa.Date, primary_key=True),
    sa.Column("taken", sa.Date, nullable=False),
    sa.Column("closed", sa.DateTime(timezone=True)),
    sa.Column("agencies", JSONB, nullable=False, server_default="{}"),
    _flag("sample"),
)
"""A month by its first day: when its facts were taken, when it was closed, and name and title of
its agencies by id, as they were then. `sample`: it was made up for a portal that shows a sample."""

datasets = sa.Table(
    "nd47_snapshot_dataset",
    _months,
    sa.Column("month", sa.Date, primary_key=True),
    sa.Column("dataset_id", sa.Text, primary_key=True),
    _words("agency_id"),
    _words("name"),
    _words("title"),
    sa.Column("fields", ARRAY(sa.Text), nullable=False, server_default="{}"),
    _words("kind"),
    _flag("listed"),
    sa.Column("published", sa.Date),
    _flag("periodic"),
    _flag("overdue"),
    _flag("has_api"),
    _flag("open_format"),
    _flag("machine_readable"),
    _flag("meets_rules"),
    _flag("quality_open"),
    _flag("quality_late"),
    _number("points"),
    _number("measured"),
    _number("rule_points"),
    _number("rule_possible"),
    *(_number(name) for name in (*COUNTED, *OF_ROBOTS)),
)
"""What was so of a dataset. `listed`: it was public; others were used in the month."""

items = sa.Table(
    "nd47_snapshot_item",
    _months,
    sa.Column("month", sa.Date, primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    _words("agency_id"),
    _words("title"),
    sa.Column("fields", ARRAY(sa.Text), nullable=False, server_default="{}"),
    _words("kind"),
    sa.Column("planned", sa.Date),
    sa.Column("actual", sa.Date),
    _flag("published"),
)
"""What was so of an item of the catalogues in force: its planned and its actual first day."""

texts = sa.Table(
    "nd47_report_text",
    _months,
    sa.Column("month", sa.Date, primary_key=True),
    sa.Column("agency_id", sa.Text, primary_key=True),
    _words("difficulties"),
    _words("proposals"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("changed", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
"""Difficulties and proposals of an agency in a month, until the month is closed."""


@registry.mapped_as_dataclass(kw_only=True)
class ReportMail:
    """The message about a month to one account.

    Args:
        month: the first day of the month.
        user_id: the account.
        state: one of `State`.
        attempts: how often it was tried.
        changed: when the state was last changed.
        error: kind of the failure.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_report_mail"
    __table_args__ = (
        sa.PrimaryKeyConstraint("month", "user_id", name="pk_nd47_report_mail"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_nd47_report_mail_user_id", ondelete="CASCADE"
        ),
    )

    month: Mapped[dt.date] = mapped_column(sa.Date)
    user_id: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text, default=PENDING, server_default=PENDING)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    changed: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now(), init=False
    )
    error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
