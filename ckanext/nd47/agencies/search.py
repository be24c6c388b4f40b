"""Finding datasets by whom to call about them.

The search index holds no focal point, so an edit of one is seen by the next search and touches no
dataset. Instead, a query that is a mailbox, a telephone number or a name of the register is widened
by the datasets of the agencies that it answers for. One statement, and only for such queries.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import public, tables
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.lib import dataset_fields, dates, inputs, text

MOST = 500
"""Agencies that a query is widened by; the index takes 1,024 clauses."""

SPECIAL = re.compile(r'["\\():*?~^\[\]{}!/|&]')
"""Characters by which a query shows that its writer knows the language of the index."""

NUMBER = re.compile(r"\+?[0-9][0-9 .-]{5,}")
NAME_WORDS = 2
"""Words of a name that make it one; a single word is left to the text of the datasets."""

WHOLE_NUMBER = 9
"""Digits from which on a number is one of the whole country."""


def widen(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a search, widened where the query is a contact's."""
    params = inputs.without_control_characters(params)
    query = inputs.typed_query(params)
    if not isinstance(query, str) or len(query) > text.MOST_TYPED:
        return params
    if "defType" in params or SPECIAL.search(query):
        return params
    condition = _condition(text.fold(query))
    if condition is None or not tables.ready():
        return params
    rows = model.Session.execute(_answered_for(condition).limit(MOST)).all()
    if not rows:
        return params
    # Where the plugin nd47_l10n has folded the query already, its words are those of the index.
    quoted = " AND ".join(f'"{word}"' for word in query.split())
    own = quoted if params["q"] == query else params["q"]
    theirs = " OR ".join(f'"{agency_id}"' for agency_id, _ in rows)
    clauses = [f"text:({own})", f"owner_org:({theirs})"]
    found = " OR ".join(f'"{agency_id}"' for agency_id, is_found in rows if is_found)
    if found:
        field = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE).name("responsible_agency")
        clauses.append(f"{field}:({found})")
    return {**params, "q": " OR ".join(clauses)}


def _answered_for(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the agencies that a condition finds, with those that they answer for.

    As `record.contacts` has it: the agency at the top of the tree answers for those below it, and a
    successor for an agency that has ended, where these can be reached by nothing of their own.
    """
    found = (
        sa.select(Agency.id, Agency.parent_id)
        .join(model.Group, model.Group.id == Agency.id)
        .join(FocalPoint, sa.and_(FocalPoint.agency_id == Agency.id, public.shown()), isouter=True)
        .where(condition, model.Group.state == model.State.ACTIVE)
        .distinct()
        .cte("found")
    )
    tops = sa.select(found.c.id).where(found.c.parent_id.is_(None))
    below = sa.select(Agency.id).where(Agency.parent_id.in_(tops)).cte("below", recursive=True)
    below = below.union(sa.select(Agency.id).where(Agency.parent_id == below.c.id))
    ended = sa.and_(Agency.successor_id.in_(sa.select(found.c.id)), Agency.valid_to < dates.today())
    others = sa.select(Agency.id, sa.false()).where(
        sa.or_(Agency.id.in_(sa.select(below.c.id)), ended),
        Agency.id.not_in(sa.select(found.c.id)),
        sa.not_(_reached()),
    )
    # The agencies themselves first: they must not fall to the limit.
    both = sa.union_all(sa.select(found.c.id, sa.true().label("is_found")), others).subquery()
    return sa.select(both).order_by(both.c.is_found.desc(), both.c.id)


def _reached() -> sa.ColumnElement[bool]:
    """Return the condition for an agency that has a mailbox or number of its own to show."""
    in_office = sa.exists().where(
        FocalPoint.agency_id == Agency.id, public.shown(), public.reachable()
    )
    return sa.or_(Agency.email != "", Agency.telephone != "", in_office)


def _condition(words: str) -> sa.ColumnElement[bool] | None:
    """Return what makes a query that of an agency or of its focal point, if it can be one."""
    shown = public.fields()
    if "@" in words:
        conditions = [_has_mailbox(Agency.email, words)]
        if "email" in shown:
            conditions.append(_has_mailbox(FocalPoint.email, words))
        return sa.or_(*conditions)
    if NUMBER.fullmatch(words):
        digits = re.sub(r"\D", "", words)
        conditions = [_has_number(Agency.telephone, digits)]
        if "telephone" in shown:
            conditions.append(_has_number(FocalPoint.telephone, digits))
        return sa.or_(*conditions)
    if "full_name" in shown and len(words.split()) >= NAME_WORDS:
        # Whole words: the name of Ánh is not that of Ánh Anh.
        name = (
            sa.literal(" ")
            + text.sql_common(FocalPoint.folded["full_name"].astext)
            + sa.literal(" ")
        )
        wanted = " ".join(map(text.common, words.split()))
        return name.contains(f" {wanted} ", autoescape=True)
    return None


def _has_mailbox(column: Any, mailbox: str) -> sa.ColumnElement[bool]:
    """Return the condition for a field that holds a mailbox, beside others and with names."""
    return sa.literal(mailbox) == sa.any_(
        sa.func.regexp_split_to_array(sa.func.lower(column), r"[\s;<>]+")
    )


def _has_number(column: Any, digits: str) -> sa.ColumnElement[bool]:
    """Return the condition for a field that holds a telephone number, beside others."""
    written = sa.func.regexp_replace(column, r"\D", "", "g")
    # A short one would be found within others.
    return written.contains(digits) if len(digits) >= WHOLE_NUMBER else written == digits
