"""The score of each public dataset, and the facts about it that reports count."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ckan.model.meta import registry


@registry.mapped_as_dataclass(kw_only=True)
class DatasetScore:
    """What was measured of one dataset; its agency, state and visibility are CKAN's own.

    Args:
        id: the dataset.
        points: its points by the method of data.europa.eu.
        measured: points of all metrics that were measured.
        met: codes of the metrics that give their points.
        unmet: codes of those that do not.
        rule_points: points of the portal's rules that it meets.
        rule_possible: points of all rules that apply to it.
        fields: codes of its fields (lĩnh vực).
        kind: code of its sharing class, or empty.
        has_api: whether a file of it is offered by an API.
        open_format: whether a file of it is in an open format.
        machine_readable: whether machines can read a file of it.
        quality_open: whether its quality is to be improved.
        quality_deadline: until when; None if no day is stated.
        published: day of its publication.
        examined: day on which it was measured.
        fingerprint: settings under which it was measured.
        source_modified: when the dataset was last modified, as measured.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_dataset_score"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_dataset_score"),
        sa.ForeignKeyConstraint(
            ["id"], ["package.id"], name="fk_nd47_dataset_score_id", ondelete="CASCADE"
        ),
    )

    id: Mapped[str] = mapped_column(sa.Text)
    examined: Mapped[dt.date] = mapped_column(sa.Date)
    points: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    measured: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    met: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text), default_factory=list, server_default="{}"
    )
    unmet: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text), default_factory=list, server_default="{}"
    )
    rule_points: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    rule_possible: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    fields: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text), default_factory=list, server_default="{}"
    )
    kind: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    has_api: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    open_format: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    machine_readable: Mapped[bool] = mapped_column(
        sa.Boolean, default=False, server_default=sa.false()
    )
    quality_open: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    quality_deadline: Mapped[dt.date | None] = mapped_column(sa.Date, default=None)
    published: Mapped[dt.date | None] = mapped_column(sa.Date, default=None)
    fingerprint: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    source_modified: Mapped[dt.datetime | None] = mapped_column(sa.DateTime, default=None)
