"""What is to be done about each dataset, as it was found when the dataset was last examined."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan.model.meta import registry

from ckanext.nd47.lib.database.migrated_table import MigratedTable

TABLE = "nd47_work_dataset"


@registry.mapped_as_dataclass(kw_only=True)
class WorkDataset:
    """What was found in one dataset; its agency, state and visibility are CKAN's own.

    Levels of rules and update states are not stored: they follow from the settings and the day.

    Args:
        id: the dataset.
        frequency: code of its update frequency, or empty.
        data_date: day of the last update of its data.
        edition: legal edition of the rules that it was examined by.
        unmet: ids of the rules that it does not meet, also of rules that are off.
        facts: by rule, `field` at fault and `facts` for the message.
        points: points of the unmet rules.
        folded: title and name without diacritics, for searches.
        sort_key: title as a key for sorting.
        examined: day on which the rules were applied; some depend on the day.
        fingerprint: settings under which they were applied.
        source_modified: when the dataset was last modified, as examined.
        stale: whether something that the rules read has changed since.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = TABLE
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_work_dataset"),
        sa.ForeignKeyConstraint(
            ["id"], ["package.id"], name="fk_nd47_work_dataset_id", ondelete="CASCADE"
        ),
    )

    id: Mapped[str] = mapped_column(sa.Text)
    examined: Mapped[dt.date] = mapped_column(sa.Date)
    data_date: Mapped[dt.date | None] = mapped_column(sa.Date, default=None)
    frequency: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    edition: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    unmet: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text), default_factory=list, server_default="{}"
    )
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict, server_default="{}")
    points: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    folded: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    sort_key: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    fingerprint: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    source_modified: Mapped[dt.datetime | None] = mapped_column(sa.DateTime, default=None)
    stale: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())


_table = MigratedTable(
    TABLE,
    lambda: tk._("The work list has no table yet. Run: {command}"),
    "The work list has no table yet",
)
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the table exists; without it there is no work list."""
