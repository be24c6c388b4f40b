"""Identifiers of datasets: agency code, dash, serial of at least six digits (`H99.02-000017`).

An identifier is given once and never changes; no two datasets of the portal share one.
"""

from __future__ import annotations

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import config, values

SERIAL_DIGITS = 6
LAST_SERIAL = 999_999_999
"""A given identifier with a higher number counts for nothing when the next is looked for."""

FIELD = "identifier"
INDEXED = 100
"""Characters of an identifier that a migration puts into an index."""


def assign(owner_org: str | None, field: str = FIELD) -> str:
    """Return a new identifier for a dataset of an organisation, empty without any agency code.

    Args:
        owner_org: the organisation.
        field: name of the field, which another schema may have given to something else.

    The number stays free until the transaction of the caller ends: a lock on the agency code makes
    a second process wait until then, so two datasets never get one number.
    """
    code = directory.nearest_code(owner_org) or config.agency_code()
    if not code:
        return ""
    model.Session.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"nd47:{code}")))
    )
    serials = _serials(code, field)
    last = model.Session.scalar(sa.select(sa.func.max(serials.c.serial))) or 0
    serial = int(last) + 1
    if serial > LAST_SERIAL:
        # Somebody gave the highest number: the lowest free one is next.
        serial = int(model.Session.scalar(_lowest_free(serials)) or 1)
    while is_taken(found := f"{code}-{serial:0{SERIAL_DIGITS}d}", None, field):
        serial += 1
    return found


def holder(identifier: str, owner_org: str | None) -> str:
    """Return the name of another agency whose code an identifier starts with, empty for none.

    Args:
        identifier: as it was given.
        owner_org: the organisation of the dataset; its code and those above it are its own.
    """
    form = values.IDENTIFIER.fullmatch(identifier)
    code = form["agency"] if form else ""
    known = directory.by_code(code)
    if known is None or code == config.agency_code() or directory.is_within(owner_org, known.id):
        return ""
    return directory.display_title(known)


def _serials(code: str, field: str) -> sa.Subquery:
    stored = model.Package.extras[field].astext
    # The regular expression is anchored and the code holds only letters, digits and dots.
    mine = stored.regexp_match(
        f"^{code.replace('.', '[.]')}-[0-9]{{{SERIAL_DIGITS},{len(str(LAST_SERIAL))}}}$"
    )
    serial = sa.cast(sa.func.substr(stored, len(code) + 2), sa.BigInteger)
    found = sa.select(sa.case((mine, serial), else_=None).label("serial"))
    return found.where(_indexed(stored).like(f"{code}-%")).subquery()


def _lowest_free(serials: sa.Subquery) -> sa.Select[tuple[int]]:
    used = sa.union(sa.select(serials.c.serial), sa.select(sa.literal(0))).subquery()
    following = sa.select(serials.c.serial).where(serials.c.serial == used.c.serial + 1)
    return sa.select(sa.func.min(used.c.serial + 1)).where(
        used.c.serial.is_not(None), ~following.exists()
    )


def _indexed(stored: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Return the expression that the index is about, whose numbers have to stand in the query."""
    return sa.func.left(stored, sa.literal_column(str(INDEXED)))


def is_taken(identifier: str, dataset_id: str | None, field: str = FIELD) -> bool:
    """Say whether another dataset, deleted ones included, bears an identifier."""
    stored = model.Package.extras[field].astext
    query = sa.select(model.Package.id).where(
        _indexed(stored) == identifier[:INDEXED], stored == identifier
    )
    if dataset_id:
        query = query.where(model.Package.id != dataset_id)
    return model.Session.execute(query.limit(1)).first() is not None
