"""Finding datasets by whom to call about them.

The search index holds no focal point, so an edit of one is seen by the next search and touches no
dataset. Instead, a query that is a mailbox, a telephone number or a name of the register is widened
by the datasets of the agencies that it belongs to. One statement, and only for such queries.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import lookup, public, tables
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.l10n import text
from ckanext.nd47.l10n.search import parameters, sql

MOST = 50
"""Agencies that a query is widened by."""

SPECIAL = re.compile(r'["\\():*?~^\[\]{}!/|&]')
"""Characters by which a query shows that its writer knows the language of the index."""

NUMBER = re.compile(r"\+?[0-9][0-9 .-]{5,}")
NAME_WORDS = 2
"""Words of a name that make it one; a single word is left to the text of the datasets."""


def widen(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a search, widened where the query is a contact's."""
    query = parameters.typed(params)
    if not isinstance(query, str) or "defType" in params or SPECIAL.search(query):
        return params
    words = text.fold(query)
    condition = _condition(words)
    if condition is None or not tables.ready():
        return params
    agencies = model.Session.scalars(
        sa.select(Agency.id)
        .join(
            FocalPoint, sa.and_(FocalPoint.agency_id == Agency.id, lookup.in_office()), isouter=True
        )
        .where(condition)
        .distinct()
        .limit(MOST)
    ).all()
    if not agencies:
        return params
    # Where the plugin nd47_l10n has folded the query already, its words are those of the index.
    quoted = " AND ".join(f'"{word}"' for word in query.split())
    own = quoted if params["q"] == query else params["q"]
    theirs = " OR ".join(f'"{agency_id}"' for agency_id in agencies)
    return {**params, "q": f"text:({own}) OR owner_org:({theirs})"}


def _condition(words: str) -> sa.ColumnElement[bool] | None:
    """Return what makes a query that of an agency or of its focal point, if it can be one."""
    shown = public.fields()
    if "@" in words:
        conditions = [sa.func.lower(Agency.email) == words]
        if "email" in shown:
            conditions.append(sa.func.lower(FocalPoint.email) == words)
        return sa.or_(*conditions)
    if NUMBER.fullmatch(words):
        digits = re.sub(r"\D", "", words)
        conditions = [_digits(Agency.telephone) == digits]
        if "telephone" in shown:
            conditions.append(_digits(FocalPoint.telephone) == digits)
        return sa.or_(*conditions)
    if "full_name" in shown and len(words.split()) >= NAME_WORDS:
        # Whole words: the name of Ánh is not that of Ánh Anh.
        name = sa.literal(" ") + sql.common(FocalPoint.folded["full_name"].astext) + sa.literal(" ")
        wanted = " ".join(map(text.common, words.split()))
        return name.contains(f" {wanted} ", autoescape=True)
    return None


def _digits(column: Any) -> sa.ColumnElement[str]:
    return sa.func.regexp_replace(column, r"\D", "", "g")
