"""Tables of the national hand-over."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan.model.meta import registry
from ckan.model.types import make_uuid

from ckanext.nd47.lib.database.migrated_table import MigratedTable

TABLE = "nd47_handover"

WAYS = ("annex", "dcat", "api")
"""As an annex to a document, as DCAT, by CKAN's API."""

SENT, ACCEPTED, REFUSED = STATES = ("sent", "accepted", "refused")
"""What is known of a dataset: nothing since it was sent, or what the other side said."""

Key = Annotated[str, mapped_column(sa.Text)]
Words = Annotated[str, mapped_column(sa.Text, server_default="")]
Moment = Annotated[
    dt.datetime, mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
]


@registry.mapped_as_dataclass(kw_only=True)
class Handover:
    """Something that was sent.

    Args:
        way: one of `WAYS`.
        sent: when.
        recipient: to whom, as `Bộ Công an`.
        document_number: number of the document that it was sent with.
        document_date: its date.
        note: remarks.
        answered: when an answer came.
        answer_number: number of the document of the answer.
        answer: what it says.
        version: grows with every change.
        changed_by: account that changed it last.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = TABLE
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_handover"),
        sa.CheckConstraint("way IN ('annex', 'dcat', 'api')", name="ck_nd47_handover_way"),
        sa.Index("ix_nd47_handover_sent", "sent"),
    )

    way: Mapped[Key]
    sent: Mapped[dt.date] = mapped_column(sa.Date)
    recipient: Mapped[Key]
    document_number: Mapped[Words] = mapped_column(default="")
    document_date: Mapped[dt.date | None] = mapped_column(sa.Date, default=None)
    note: Mapped[Words] = mapped_column(default="")
    answered: Mapped[dt.date | None] = mapped_column(sa.Date, default=None)
    answer_number: Mapped[Words] = mapped_column(default="")
    answer: Mapped[Words] = mapped_column(default="")
    version: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    changed_by: Mapped[Words] = mapped_column(default="")
    created: Mapped[Moment] = mapped_column(init=False)
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


@registry.mapped_as_dataclass(kw_only=True)
class HandoverDataset:
    """A dataset that was sent; it is no foreign key, because the book outlives it.

    Args:
        handover_id: with what it was sent.
        dataset_id: the dataset.
        name: its name when it was sent.
        title: its title when it was sent.
        identifier: its identifier when it was sent.
        state: one of `STATES`.
        reason: why it was refused.
        address: its address on the other portal.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_handover_dataset"
    __table_args__ = (
        sa.PrimaryKeyConstraint("handover_id", "dataset_id", name="pk_nd47_handover_dataset"),
        sa.CheckConstraint(
            "state IN ('sent', 'accepted', 'refused')", name="ck_nd47_handover_dataset_state"
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"],
            ["nd47_handover.id"],
            name="fk_nd47_handover_dataset_handover_id",
            ondelete="CASCADE",
        ),
        sa.Index("ix_nd47_handover_dataset_dataset_id", "dataset_id"),
    )

    handover_id: Mapped[Key]
    dataset_id: Mapped[Key]
    name: Mapped[Words] = mapped_column(default="")
    title: Mapped[Words] = mapped_column(default="")
    identifier: Mapped[Words] = mapped_column(default="")
    state: Mapped[str] = mapped_column(sa.Text, default=SENT, server_default=SENT)
    reason: Mapped[Words] = mapped_column(default="")
    address: Mapped[Words] = mapped_column(default="")
    changed: Mapped[Moment] = mapped_column(init=False)


_table = MigratedTable(TABLE, lambda: tk._("The hand-over has no tables yet. Run: {command}"))
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the tables exist."""
