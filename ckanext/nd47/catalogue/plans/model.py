"""Tables of the plans: a plan, its stages, who is to publish what by when, and what happened.

Triggers of the database refuse every change of an issued plan, of its stages and entries, and of
its events, see the migration. A day that slips is an event: the entry stays as it was issued.
"""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan.model.types import make_uuid

from ckanext.nd47.catalogue.records.model import Codes, Day, Key, Moment, Words, now, registry
from ckanext.nd47.lib.database.migrated_table import MigratedTable

TABLE = "nd47_plan"

DRAFT, ISSUED, CLOSED = "draft", "issued", "closed"
STATES = (DRAFT, ISSUED, CLOSED)

PUBLISH, IMPROVE = "publish", "improve"
KINDS = (PUBLISH, IMPROVE)


@registry.mapped_as_dataclass(kw_only=True)
class Plan:
    """A plan for the publication of data.

    Args:
        name: its name in addresses, unique.
        title: its title.
        description: what it is for.
        agency_id: the agency that compiles it.
        first_day: the day on which it begins.
        last_day: the day on which it ends.
        series_ids: the catalogues that it carries out.
        previous_id: the plan that it follows, with what is left of it.
        decision_number: number of the document, as `59/KH-UBND`.
        decision_date: its date.
        issuer: who issues it.
        signatory: who signs.
        signatory_position: in which position.
        state: one of `STATES`.
        version: grows with every change.
        changed_by: account that changed it last.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = TABLE
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_plan"),
        sa.UniqueConstraint("name", name="uq_nd47_plan_name"),
        sa.CheckConstraint(f"state IN {STATES}", name="ck_nd47_plan_state"),
        sa.CheckConstraint("first_day <= last_day", name="ck_nd47_plan_days"),
        # Two people who start the following plan at once do not get one each.
        sa.Index(
            "uq_nd47_plan_previous_id",
            "previous_id",
            unique=True,
            postgresql_where=sa.text("previous_id IS NOT NULL"),
        ),
        sa.ForeignKeyConstraint(["previous_id"], ["nd47_plan.id"], name="fk_nd47_plan_previous_id"),
    )

    name: Mapped[Key]
    title: Mapped[Key]
    agency_id: Mapped[Key]
    first_day: Mapped[Day]
    last_day: Mapped[Day]
    description: Mapped[Words] = mapped_column(default="")
    series_ids: Mapped[Codes] = mapped_column(default_factory=list)
    previous_id: Mapped[Key | None] = mapped_column(default=None)
    decision_number: Mapped[Words] = mapped_column(default="")
    decision_date: Mapped[Day | None] = mapped_column(default=None)
    issuer: Mapped[Words] = mapped_column(default="")
    signatory: Mapped[Words] = mapped_column(default="")
    signatory_position: Mapped[Words] = mapped_column(default="")
    state: Mapped[str] = mapped_column(sa.Text, default=DRAFT, server_default=DRAFT)
    version: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    changed_by: Mapped[Words] = mapped_column(default="")
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    modified: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


@registry.mapped_as_dataclass(kw_only=True)
class Stage:
    """A stage of a plan with its targets.

    Args:
        plan_id: the plan.
        position: its place, from 1.
        title: its title.
        first_day: the day on which it begins.
        last_day: the day by which its targets are to be reached.
        share_of_items: of a hundred items of the plan, those that are published by then.
        share_of_agencies: of a hundred agencies of the plan, those with at least one maintained
            dataset by then.
        minimum_level: what is to be reached at least, in words.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_plan_stage"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_plan_stage"),
        sa.UniqueConstraint("plan_id", "position", name="uq_nd47_plan_stage_position"),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["nd47_plan.id"], name="fk_nd47_plan_stage_plan_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("first_day <= last_day", name="ck_nd47_plan_stage_days"),
        sa.CheckConstraint(
            "share_of_items BETWEEN 0 AND 100 AND share_of_agencies BETWEEN 0 AND 100",
            name="ck_nd47_plan_stage_shares",
        ),
    )

    plan_id: Mapped[Key]
    position: Mapped[int] = mapped_column(sa.Integer)
    title: Mapped[Key]
    first_day: Mapped[Day]
    last_day: Mapped[Day]
    share_of_items: Mapped[int | None] = mapped_column(sa.Integer, default=None)
    share_of_agencies: Mapped[int | None] = mapped_column(sa.Integer, default=None)
    minimum_level: Mapped[Words] = mapped_column(default="")
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


@registry.mapped_as_dataclass(kw_only=True)
class Entry:
    """Who is to publish or improve what by when.

    Args:
        plan_id: the plan.
        kind: `publish`, a line of a catalogue; `improve`, a dataset by its improvement plan.
        line_id: the line, empty for a dataset.
        dataset_id: the dataset, empty for a line.
        name: name of the data when it was planned.
        task: what is to be improved.
        provider_id: the agency that does it.
        provider: its name as the catalogue has it.
        due: the planned day.
        minimum_level: what is to be reached at least, in words.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_plan_entry"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_plan_entry"),
        sa.UniqueConstraint("plan_id", "line_id", "dataset_id", name="uq_nd47_plan_entry_subject"),
        sa.CheckConstraint(f"kind IN {KINDS}", name="ck_nd47_plan_entry_kind"),
        sa.Index("ix_nd47_plan_entry_line_id", "line_id"),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["nd47_plan.id"], name="fk_nd47_plan_entry_plan_id", ondelete="CASCADE"
        ),
    )

    plan_id: Mapped[Key]
    kind: Mapped[Key]
    name: Mapped[Key]
    line_id: Mapped[Words] = mapped_column(default="")
    dataset_id: Mapped[Words] = mapped_column(default="")
    task: Mapped[Words] = mapped_column(default="")
    provider_id: Mapped[Words] = mapped_column(default="")
    provider: Mapped[Words] = mapped_column(default="")
    due: Mapped[Day | None] = mapped_column(default=None)
    minimum_level: Mapped[Words] = mapped_column(default="")
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


events = sa.Table(
    "nd47_plan_event",
    registry.metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
    sa.Column("plan_id", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Text, nullable=False, server_default=""),
    sa.Column("moment", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("user_id", sa.Text, nullable=False, server_default=""),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=True),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("changes", JSONB, nullable=False, server_default="{}"),
    sa.PrimaryKeyConstraint("id", name="pk_nd47_plan_event"),
    sa.Index("ix_nd47_plan_event_plan_id", "plan_id", "id"),
)
"""One row for each event of a plan; a trigger of the database refuses all changes of them.

`day` is the new day of a slip, or the day on which an improvement was done; `note` is the reason.
The ids are no foreign keys: the history outlives a deleted draft.
"""

_table = MigratedTable(
    TABLE,
    lambda: tk._("The plans have no tables yet. Run: {command}"),
    "The plans have no tables yet",
)
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the tables exist."""
