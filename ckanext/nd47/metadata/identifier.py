"""Identifiers of datasets: agency code, dash, serial of at least six digits (`H99.02-000017`).

An identifier is given once and never changes; no two datasets of the portal share one.
"""

from __future__ import annotations

import sqlalchemy as sa

from ckan import model

from ckanext.nd47 import config
from ckanext.nd47.metadata import agency

SERIAL_DIGITS = 6
FIELD = "identifier"
INDEXED = 100
"""Characters of an identifier that the migration 4700f1 puts into an index."""


def assign(owner_org: str | None, field: str = FIELD) -> str:
    """Return a new identifier for a dataset of an organisation, empty without any agency code.

    Args:
        owner_org: the organisation.
        field: name of the field, which another schema may have given to something else.

    The number stays free until the transaction of the caller ends: a lock on the agency code makes
    a second process wait until then, so two datasets never get one number.
    """
    code = agency.code_for(owner_org) or config.agency_code()
    if not code:
        return ""
    model.Session.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"nd47:{code}")))
    )
    stored = model.Package.extras[field].astext
    serial = sa.cast(sa.func.substr(stored, len(code) + 2), sa.Numeric)
    # The regular expression is anchored and the code holds only letters, digits and dots.
    mine = stored.regexp_match(f"^{code.replace('.', '[.]')}-[0-9]{{{SERIAL_DIGITS},18}}$")
    last = model.Session.execute(
        sa.select(sa.func.max(sa.case((mine, serial), else_=None))).where(
            _indexed(stored).like(f"{code}-%")
        )
    ).scalar_one()
    return f"{code}-{int(last or 0) + 1:0{SERIAL_DIGITS}d}"


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
