"""What is so today, as statements with the columns of the tables of months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ckan import model

from ckanext.nd47.catalogue.reports.score.model import DatasetScore
from ckanext.nd47.catalogue.reports.usage.model import COUNTED, OF_ROBOTS, UsageDay
from ckanext.nd47.desk import facts as desk
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.rules import records

NO_TEXTS: sa.ColumnElement[Any] = sa.cast(sa.literal([], ARRAY(sa.Text)), ARRAY(sa.Text))
NO_FIELD: sa.ColumnElement[Any] = sa.cast(sa.literal([""], ARRAY(sa.Text)), ARRAY(sa.Text))
USES = (*COUNTED, *OF_ROBOTS)


def datasets() -> sa.Select[Any]:
    """Return the statement for the public datasets, with what was measured of each."""
    package, score, work = model.package_table.c, DatasetScore, desk.of_public_datasets().subquery()
    late = sa.and_(score.quality_open, score.quality_deadline < dates.today())
    return (
        sa.select(
            package.id.label("dataset_id"),
            _text(package.owner_org).label("agency_id"),
            package.name,
            _text(package.title).label("title"),
            sa.func.coalesce(score.fields, NO_TEXTS).label("fields"),
            _text(score.kind).label("kind"),
            sa.true().label("listed"),
            score.published,
            *(_flag(work.c[name]).label(name) for name in ("periodic", "overdue")),
            _flag(score.has_api).label("has_api"),
            _flag(score.open_format).label("open_format"),
            _flag(score.machine_readable).label("machine_readable"),
            _flag(work.c.meets_rules).label("meets_rules"),
            _flag(score.quality_open).label("quality_open"),
            _flag(late).label("quality_late"),
            *(
                sa.func.coalesce(getattr(score, name), 0).label(name)
                for name in ("points", "measured", "rule_points", "rule_possible")
            ),
        )
        .select_from(model.package_table)
        .join(DatasetScore, score.id == package.id, isouter=True)
        .join(work, work.c.id == package.id, isouter=True)
        .where(
            package.state == model.State.ACTIVE,
            sa.not_(sa.func.coalesce(package.private, sa.false())),
            package.type.in_(records.governed_types()),
        )
    )


def use(
    first: dt.date, last: dt.date, without: Sequence[dt.date] = (), *, by_month: bool = False
) -> sa.Select[Any]:
    """Return the statement for how often each dataset was used on some days.

    Args:
        first: the first day.
        last: the last day.
        without: first days of months that are left out.
        by_month: one row for each month, with its first day as `month`, not one for all days.
    """
    package, score, day = model.package_table.c, DatasetScore, UsageDay
    month = sa.cast(sa.func.date_trunc(sa.literal_column("'month'"), day.day), sa.Date)
    parts = (package.owner_org, score.fields, score.kind, *((month,) if by_month else ()))
    return (
        sa.select(
            *((month.label("month"),) if by_month else ()),
            day.dataset_id,
            _text(package.owner_org).label("agency_id"),
            sa.func.coalesce(score.fields, NO_TEXTS).label("fields"),
            _text(score.kind).label("kind"),
            *(sa.cast(sa.func.sum(getattr(day, name)), sa.Integer).label(name) for name in USES),
        )
        .select_from(day)
        .join(model.package_table, package.id == day.dataset_id, isouter=True)
        .join(DatasetScore, score.id == day.dataset_id, isouter=True)
        .where(day.day.between(first, last), day.dataset_id != "", month.not_in(list(without)))
        .group_by(day.dataset_id, *parts)
    )


def _text(column: Any) -> sa.ColumnElement[str]:
    return sa.func.coalesce(column, "")


def _flag(column: Any) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(column, sa.false())
