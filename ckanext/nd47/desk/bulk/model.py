"""Tables of the runs that change many datasets, and of their items, one for each dataset."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan.model.meta import registry

from ckanext.nd47.lib.database.migrated_table import MigratedTable

PREPARING, PLANNED, RUNNING, FINISHED = "preparing", "planned", "running", "finished"
REVERTING, STOPPED, UNDOING, UNDONE = "reverting", "stopped", "undoing", "undone"
STATES = (PREPARING, PLANNED, RUNNING, FINISHED, REVERTING, STOPPED, UNDOING, UNDONE)
"""States of a run: `preparing` (items are being checked), `planned` (can be applied), `running`,
`finished`; `reverting` and then `stopped`, where one item of all or nothing was refused; `undoing`
and then `undone`."""

BUSY = frozenset({PREPARING, RUNNING, REVERTING, UNDOING})
"""States in which a job is at work, or is to go on."""

ITEM_PLANNED, DONE, REFUSED, SKIPPED = "planned", "done", "refused", "skipped"
ITEM_UNDONE, UNDO_REFUSED = "undone", "undo-refused"
ITEM_STATES = (ITEM_PLANNED, DONE, REFUSED, SKIPPED, ITEM_UNDONE, UNDO_REFUSED)
"""States of an item: `skipped` would change nothing, `refused` was not saved, `undo-refused` was
saved and could not be undone."""

CREATE, PATCH = OPERATIONS = ("create", "patch")


def now() -> dt.datetime:
    """Return the current time."""
    return dt.datetime.now(dt.timezone.utc)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


@registry.mapped_as_dataclass(kw_only=True)
class Run:
    """One change of many datasets.

    Args:
        id: its id.
        kind: which part of the desk planned it, as registered in `kinds`.
        account: id of the account that planned it.
        actor: id of the account that applies or undoes it; its permissions count.
        language: language of the messages that are stored.
        state: one of `STATES`.
        all_or_nothing: whether it is reverted as soon as one item is refused.
        request: what was asked for, in the form of its kind.
        created: when it was planned.
        begun: when somebody last asked for it to be applied or undone, or to go on.
        finished: when the last job on it ended.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_bulk_run"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_bulk_run"),
        sa.ForeignKeyConstraint(
            ["account"], ["user.id"], name="fk_nd47_bulk_run_account", ondelete="CASCADE"
        ),
        sa.CheckConstraint(_one_of("state", STATES), name="ck_nd47_bulk_run_state"),
        sa.Index("ix_nd47_bulk_run_account", "account", "created"),
    )

    id: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    account: Mapped[str] = mapped_column(sa.Text)
    actor: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    language: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    state: Mapped[str] = mapped_column(sa.Text, default=PREPARING, server_default=PREPARING)
    all_or_nothing: Mapped[bool] = mapped_column(
        sa.Boolean, default=False, server_default=sa.false()
    )
    request: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default_factory=dict, server_default="{}"
    )
    created: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), default_factory=now, server_default=sa.func.now()
    )
    begun: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True), default=None)
    finished: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True), default=None)


@registry.mapped_as_dataclass(kw_only=True)
class Item:
    """What a run does with one dataset.

    Args:
        run_id: the run.
        position: its place in the run, from 0.
        dataset_id: the dataset; None for one that is still to be created.
        operation: `create` or `patch`.
        values: input of `package_create` or `package_patch`, without the id; None until the kind
            of the run has computed it.
        note: what the kind of the run wants to remember of it, such as the row of a spreadsheet.
        before: the dataset as `package_show` gave it when it was checked, without computed fields,
            which name persons; None for a new one.
        fingerprint: of the dataset when it was checked.
        fingerprint_after: of the dataset as the run saved it.
        rules: `unmet` and `met`: rules that the change would break or mend, each with `rule`,
            `level` and `message`.
        checked: whether it was rehearsed.
        state: one of `ITEM_STATES`.
        errors: why it was refused: messages by the path of a field, such as `theme` or
            `resources.0.url`; `message` where no field is at fault.
        handled: when its state last changed.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_bulk_item"
    __table_args__ = (
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_nd47_bulk_item"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["nd47_bulk_run.id"], name="fk_nd47_bulk_item_run_id", ondelete="CASCADE"
        ),
        # What is known of a purged dataset is purged with it.
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["package.id"], name="fk_nd47_bulk_item_dataset_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint(_one_of("state", ITEM_STATES), name="ck_nd47_bulk_item_state"),
        sa.CheckConstraint(_one_of("operation", OPERATIONS), name="ck_nd47_bulk_item_operation"),
        sa.Index("ix_nd47_bulk_item_state", "run_id", "state", "position"),
        sa.Index("ix_nd47_bulk_item_dataset_id", "dataset_id"),
    )

    run_id: Mapped[str] = mapped_column(sa.Text)
    position: Mapped[int] = mapped_column(sa.Integer)
    dataset_id: Mapped[str | None] = mapped_column(sa.Text, default=None)
    operation: Mapped[str] = mapped_column(sa.Text, default=PATCH, server_default=PATCH)
    values: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    note: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict, server_default="{}")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    fingerprint: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    fingerprint_after: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict, server_default="{}")
    checked: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    state: Mapped[str] = mapped_column(sa.Text, default=ITEM_PLANNED, server_default=ITEM_PLANNED)
    errors: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict, server_default="{}")
    handled: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True), default=None)


_table = MigratedTable(
    Item.__tablename__,
    lambda: tk._("Changing many datasets has no tables yet. Run: {command}"),
    "Changing many datasets has no tables yet",
)
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the tables exist."""
