"""Tables of the approval: the case of each dataset, its history, settings of agencies, files."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan.model.meta import registry
from ckan.model.types import make_uuid

from ckanext.nd47.lib.database.migrated_table import MigratedTable

TABLE = "nd47_approval"
EVENTS = "nd47_approval_event"

Key = Annotated[str, mapped_column(sa.Text)]
Words = Annotated[str, mapped_column(sa.Text, server_default="")]
Moment = Annotated[dt.datetime, mapped_column(sa.DateTime(timezone=True))]


def now() -> dt.datetime:
    """Return the present moment."""
    return dt.datetime.now(dt.timezone.utc)


@registry.mapped_as_dataclass(kw_only=True)
class Case:
    """Where the approval and publication of one dataset stand.

    Args:
        id: the dataset.
        approval: code of `axes.Approval`.
        publication: code of `axes.Publication`.
        validity: code of `axes.Validity`.
        chain: the steps of the request that was sent last, see `chain.STEPS`; a later change of the
            settings is for the next request.
        step: place in the chain of the step that decides next, from 0.
        step_kind: that step itself, for lists.
        version: grows with every change, so that nobody decides about what they have not seen.
        sender_id: account that sent the request, empty where there is none.
        approver_id: account that it was sent to; others of the step may decide too.
        note: what the sender wrote.
        sent: when it was sent.
        reason: what the last decision says.
        problem: why the dataset could not be published at its moment.
        scheduled_at: moment of the publication; None for at once.
        pending: values of fields of a published dataset that wait for approval.
        changed_by: account that proposed them.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = TABLE
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_approval"),
        sa.ForeignKeyConstraint(
            ["id"], ["package.id"], name="fk_nd47_approval_id", ondelete="CASCADE"
        ),
        sa.Index("ix_nd47_approval_approval", "approval"),
        sa.Index(
            "ix_nd47_approval_scheduled_at",
            "scheduled_at",
            postgresql_where=sa.text("publication = 'hen-gio'"),
        ),
    )

    id: Mapped[Key]
    approval: Mapped[Key]
    publication: Mapped[Key]
    validity: Mapped[Key]
    chain: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text), default_factory=list, server_default="{}"
    )
    step: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    step_kind: Mapped[Words] = mapped_column(default="")
    version: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    sender_id: Mapped[Words] = mapped_column(default="")
    approver_id: Mapped[Words] = mapped_column(default="")
    note: Mapped[Words] = mapped_column(default="")
    sent: Mapped[Moment | None] = mapped_column(default=None)
    reason: Mapped[Words] = mapped_column(default="")
    problem: Mapped[Words] = mapped_column(default="")
    scheduled_at: Mapped[Moment | None] = mapped_column(default=None)
    pending: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default_factory=dict, server_default="{}"
    )
    changed_by: Mapped[Words] = mapped_column(default="")


@registry.mapped_as_dataclass(kw_only=True)
class AgencySetting:
    """Whether one agency and those below it publish with approval.

    Args:
        agency_id: the agency.
        required: whether approval is needed.
        chain: the steps; empty for those of the portal.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_approval_agency"
    __table_args__ = (
        sa.PrimaryKeyConstraint("agency_id", name="pk_nd47_approval_agency"),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["group.id"],
            name="fk_nd47_approval_agency_agency_id",
            ondelete="CASCADE",
        ),
    )

    agency_id: Mapped[Key]
    required: Mapped[bool] = mapped_column(sa.Boolean)
    chain: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text), default_factory=list, server_default="{}"
    )


@registry.mapped_as_dataclass(kw_only=True)
class DecisionFile:
    """The file of a decision; its bytes are where CKAN stores those of resources, by its id.

    Args:
        name: name of the file.
        media_type: its type, detected from the content.
        size: bytes.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_approval_file"
    __table_args__ = (sa.PrimaryKeyConstraint("id", name="pk_nd47_approval_file"),)

    name: Mapped[Key]
    media_type: Mapped[Key]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


# Not among CKAN's tables and without a class: rows are added and read, nothing else. A trigger of
# the database refuses to change or delete them.
events = sa.Table(
    EVENTS,
    sa.MetaData(),
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("dataset_id", sa.Text, nullable=False),
    sa.Column("agency_id", sa.Text, nullable=False, server_default=""),
    sa.Column("moment", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("user_id", sa.Text, nullable=False, server_default=""),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("step_kind", sa.Text, nullable=False, server_default=""),
    sa.Column("approval", sa.Text, nullable=False),
    sa.Column("publication", sa.Text, nullable=False),
    sa.Column("validity", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("approver_id", sa.Text, nullable=False, server_default=""),
    sa.Column("scheduled_at", sa.DateTime(timezone=True)),
    sa.Column("decision_number", sa.Text, nullable=False, server_default=""),
    sa.Column("decision_date", sa.Date),
    sa.Column("file_id", sa.Text, nullable=False, server_default=""),
    sa.Column("changes", JSONB, nullable=False, server_default="{}"),
    sa.Index("ix_nd47_approval_event_dataset_id", "dataset_id", "id"),
)
"""One row for each event: the state after it, who did it, and what they said.

The ids are no foreign keys: the history outlives the dataset, the agency and the account.
"""

_table = MigratedTable(
    TABLE,
    lambda: tk._("The approval has no tables yet. Run: {command}"),
    "The approval has no tables yet",
)
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the tables exist; without them nothing needs approval."""
