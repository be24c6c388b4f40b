"""Identifiers of datasets: agency code, dash, serial of at least six digits (`H99.02-000017`).

An identifier is assigned once, never changes, and is unique on the portal.
"""

from __future__ import annotations

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import config
from ckanext.nd47.lib.fields import values

SERIAL_DIGITS = 6
LAST_SERIAL = 999_999_999
"""Identifiers entered with a higher number are ignored when the next number is assigned."""

FIELD = "identifier"
INDEXED = 100
"""Length of the indexed prefix of an identifier, as in the migration."""


def assign(owner_org: str | None, field: str = FIELD) -> str:
    """Return a new identifier for a dataset of an organisation, empty without an agency code.

    A lock on the agency code until the end of the transaction prevents a concurrent process from
    assigning the same number.

    Args:
        owner_org: the organisation.
        field: name of the field in the portal's schema.
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
        # The highest number was entered manually: use the lowest free one.
        serial = int(model.Session.scalar(_lowest_free(serials)) or 1)
    while is_taken(candidate := f"{code}-{serial:0{SERIAL_DIGITS}d}", None, field):
        serial += 1
    return candidate


def holder(identifier: str, owner_org: str | None) -> str:
    """Return the name of another agency whose code an identifier starts with, empty for none.

    Args:
        identifier: the identifier entered.
        owner_org: the organisation of the dataset, which may use its code and those above it.
    """
    form = values.IDENTIFIER.fullmatch(identifier)
    code = form["agency"] if form else ""
    agency = directory.by_code(code)
    if agency is None or code == config.agency_code() or directory.is_within(owner_org, agency.id):
        return ""
    return directory.display_title(agency)


def _serials(code: str, field: str) -> sa.Subquery:
    stored = model.Package.extras[field].astext
    # The regular expression is anchored, and the code has only letters, digits and dots.
    has_serial = stored.regexp_match(
        f"^{code.replace('.', '[.]')}-[0-9]{{{SERIAL_DIGITS},{len(str(LAST_SERIAL))}}}$"
    )
    serial = sa.cast(sa.func.substr(stored, len(code) + 2), sa.BigInteger)
    query = sa.select(sa.case((has_serial, serial), else_=None).label("serial"))
    return query.where(_indexed(stored).like(f"{code}-%")).subquery()


def _lowest_free(serials: sa.Subquery) -> sa.Select[tuple[int]]:
    used = sa.union(sa.select(serials.c.serial), sa.select(sa.literal(0))).subquery()
    following = sa.select(serials.c.serial).where(serials.c.serial == used.c.serial + 1)
    return sa.select(sa.func.min(used.c.serial + 1)).where(
        used.c.serial.is_not(None), ~following.exists()
    )


def _indexed(stored: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Return the expression of the index, with its number as a literal, so that it is used."""
    return sa.func.left(stored, sa.literal_column(str(INDEXED)))


def is_taken(identifier: str, dataset_id: str | None, field: str = FIELD) -> bool:
    """Return whether another dataset has an identifier, including deleted datasets."""
    stored = model.Package.extras[field].astext
    query = sa.select(model.Package.id).where(
        _indexed(stored) == identifier[:INDEXED], stored == identifier
    )
    if dataset_id:
        query = query.where(model.Package.id != dataset_id)
    return model.Session.execute(query.limit(1)).first() is not None
