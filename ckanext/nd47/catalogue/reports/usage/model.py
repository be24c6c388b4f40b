"""How often each dataset was used on each day."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan.model.meta import registry

from ckanext.nd47.lib.database.migrated_table import MigratedTable

TABLE = "nd47_usage_day"

COUNTED = ("views", "downloads", "api_calls")
"""What is counted of people and of programs that they use."""

OF_ROBOTS = ("robot_views", "robot_downloads", "robot_api_calls")
"""The same of robots."""

OWN, TRACKING, SAMPLE = "nd47", "tracking", "sample"
"""Where numbers come from: counted here, by CKAN's plugin `tracking`, made for the sample."""

Count = Annotated[int, mapped_column(sa.Integer, server_default="0")]


@registry.mapped_as_dataclass(kw_only=True)
class UsageDay:
    """The use of one dataset on one day in Vietnam.

    The dataset is no foreign key: what was counted outlives it.

    Args:
        day: the day.
        dataset_id: the dataset; empty for what is about none.
        source: one of `OWN`, `TRACKING` and `SAMPLE`.
        views: pages shown to people.
        downloads: files sent to people and to programs that they use.
        api_calls: answers of the API and the export to programs that are no robots.
        robot_views: pages shown to robots.
        robot_downloads: files sent to robots.
        robot_api_calls: answers of the API and the export to robots.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = TABLE
    __table_args__ = (
        sa.PrimaryKeyConstraint("day", "dataset_id", "source", name="pk_nd47_usage_day"),
        sa.Index("ix_nd47_usage_day_dataset_id", "dataset_id", "day"),
    )

    day: Mapped[dt.date] = mapped_column(sa.Date)
    dataset_id: Mapped[str] = mapped_column(sa.Text)
    source: Mapped[str] = mapped_column(sa.Text)
    views: Mapped[Count] = mapped_column(default=0)
    downloads: Mapped[Count] = mapped_column(default=0)
    api_calls: Mapped[Count] = mapped_column(default=0)
    robot_views: Mapped[Count] = mapped_column(default=0)
    robot_downloads: Mapped[Count] = mapped_column(default=0)
    robot_api_calls: Mapped[Count] = mapped_column(default=0)


@registry.mapped_as_dataclass(kw_only=True)
class UsageBatch:
    """Numbers from Redis that are in the database already, so that they are not added again."""

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_usage_batch"
    __table_args__ = (sa.PrimaryKeyConstraint("id", name="pk_nd47_usage_batch"),)

    id: Mapped[str] = mapped_column(sa.Text)
    written: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now(), init=False
    )


_table = MigratedTable(TABLE, lambda: tk._("The reports have no tables yet. Run: {command}"))
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the tables of counts, scores and reports exist."""
