"""Searches datasets by the e-mail, telephone or name of their contact.

The search index contains no focal points, so that a change of one need not reindex datasets.
Instead, a query that is an e-mail address, a telephone number or a person's name is looked up in
the register with one statement, and extended by the datasets of the matching agencies.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import migrated
from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.database import spellings
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.language import text

MOST_AGENCIES = 500
"""Agencies that a query is extended by; Solr accepts 1,024 clauses."""

SPECIAL = re.compile(r'["\\():*?~^\[\]{}!/|&]')
"""Characters of a query in Solr's syntax, which is not extended."""

NUMBER = re.compile(r"\+?[0-9][0-9 .-]{5,}")
NAME_WORDS = 2
"""Words that a person's name has at least."""

FULL_NUMBER = 9
"""Digits of a telephone number with its area code, at least."""


def extend(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a search, extended where the query is a contact's."""
    params = inputs.without_control_characters(params)
    query = inputs.typed_query(params)
    if not isinstance(query, str) or len(query) > text.MOST_TYPED:
        return params
    if "defType" in params or SPECIAL.search(query):
        return params
    condition = _condition(text.fold(query))
    if condition is None or not migrated.ready():
        return params
    rows = model.Session.execute(_agencies(condition).limit(MOST_AGENCIES)).all()
    if not rows:
        return params
    # If nd47_l10n has rewritten the query already, its words are those of the index.
    quoted = " AND ".join(f'"{word}"' for word in query.split())
    text_query = quoted if params["q"] == query else params["q"]
    owners = " OR ".join(f'"{agency_id}"' for agency_id, _ in rows)
    clauses = [f"text:({text_query})", f"owner_org:({owners})"]
    responsible = " OR ".join(f'"{agency_id}"' for agency_id, is_match in rows if is_match)
    if responsible:
        field = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE).name("responsible_agency")
        clauses.append(f"{field}:({responsible})")
    return {**params, "q": " OR ".join(clauses)}


def _agencies(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the agencies that match a condition, and those whose contact is such an agency.

    The agency at the top of the tree is the contact of its subordinate agencies, and a successor
    that of an agency that has ended, where these have no contact of their own.
    """
    matches = (
        sa.select(Agency.id, Agency.parent_id)
        .join(model.Group, model.Group.id == Agency.id)
        .join(
            FocalPoint,
            sa.and_(FocalPoint.agency_id == Agency.id, permissions.is_public()),
            isouter=True,
        )
        .where(condition, model.Group.state == model.State.ACTIVE)
        .distinct()
        .cte("matches")
    )
    tops = sa.select(matches.c.id).where(matches.c.parent_id.is_(None))
    below = sa.select(Agency.id).where(Agency.parent_id.in_(tops)).cte("below", recursive=True)
    below = below.union(sa.select(Agency.id).where(Agency.parent_id == below.c.id))
    ended = sa.and_(
        Agency.successor_id.in_(sa.select(matches.c.id)), Agency.valid_to < dates.today()
    )
    non_matches = sa.select(Agency.id, sa.false()).where(
        sa.or_(Agency.id.in_(sa.select(below.c.id)), ended),
        Agency.id.not_in(sa.select(matches.c.id)),
        sa.not_(_has_contact()),
    )
    # The matches first, so that the limit does not cut them off.
    both = sa.union_all(
        sa.select(matches.c.id, sa.true().label("is_match")), non_matches
    ).subquery()
    return sa.select(both).order_by(both.c.is_match.desc(), both.c.id)


def _has_contact() -> sa.ColumnElement[bool]:
    """Return the condition for an agency with a public e-mail or telephone of its own."""
    in_office = sa.exists().where(
        FocalPoint.agency_id == Agency.id, permissions.is_public(), permissions.has_public_address()
    )
    return sa.or_(Agency.email != "", Agency.telephone != "", in_office)


def _condition(words: str) -> sa.ColumnElement[bool] | None:
    """Return the condition for the agencies that a query looks for, None for other queries."""
    public = permissions.public_fields()
    if "@" in words:
        conditions = [_has_email(Agency.email, words)]
        if "email" in public:
            conditions.append(_has_email(FocalPoint.email, words))
        return sa.or_(*conditions)
    if NUMBER.fullmatch(words):
        digits = re.sub(r"\D", "", words)
        conditions = [_has_telephone(Agency.telephone, digits)]
        if "telephone" in public:
            conditions.append(_has_telephone(FocalPoint.telephone, digits))
        return sa.or_(*conditions)
    if "full_name" in public and len(words.split()) >= NAME_WORDS:
        # Whole words: the name of Ánh is not that of Ánh Anh.
        name = (
            sa.literal(" ")
            + spellings.common(FocalPoint.folded["full_name"].astext)
            + sa.literal(" ")
        )
        phrase = " ".join(map(text.common, words.split()))
        return name.contains(f" {phrase} ", autoescape=True)
    return None


def _has_email(column: Any, address: str) -> sa.ColumnElement[bool]:
    """Return the condition for a field that contains an e-mail address, among others."""
    return sa.literal(address) == sa.any_(
        sa.func.regexp_split_to_array(sa.func.lower(column), r"[\s;<>]+")
    )


def _has_telephone(column: Any, digits: str) -> sa.ColumnElement[bool]:
    """Return the condition for a field that contains a telephone number, among others."""
    written = sa.func.regexp_replace(column, r"\D", "", "g")
    # A short number could be a part of another one.
    return written.contains(digits) if len(digits) >= FULL_NUMBER else written == digits
