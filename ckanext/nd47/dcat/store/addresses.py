"""What was written while the portal had another address.

A dataset, an agency and a contact are called by IRIs below the address of the portal. Where that
is changed, all datasets are stale and are written again. What is not written again keeps its IRI:
the deletions that the feed tells of, and agencies and contacts under their old IRIs. Which
address was the old one is read from the IRIs that the portal itself has made.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ckan import model

from ckanext.dcat.utils import catalog_uri, publisher_uri_organization_fallback

from ckanext.nd47.dcat import contact_points
from ckanext.nd47.dcat.store import fingerprint
from ckanext.nd47.dcat.store.model import AGENCY, LIVE, SHARED, Entry, Node

_STALE = sa.text("""
    SELECT DISTINCT left(e.iri, -length('/dataset/' || e.id))
    FROM nd47_dcat_entry e JOIN package p ON p.id = e.id
    WHERE e.state = 'live' AND e.fingerprint <> :fingerprint
        AND e.iri LIKE '%/dataset/' || e.id AND e.iri <> :current || '/dataset/' || e.id
        AND p.extras ->> 'uri' IS DISTINCT FROM e.iri
""")
_GONE = sa.text("""
    UPDATE nd47_dcat_entry SET iri = :current || '/dataset/' || id
    WHERE state = 'gone' AND iri IN (
        SELECT address || '/dataset/' || id FROM unnest(CAST(:old AS text[])) AS address
    )
""")
_RESTART = sa.text("UPDATE nd47_dcat_commit SET mark = md5(mark || :current)")


@dataclass(frozen=True)
class Old:
    """What is left of other addresses.

    Attributes:
        addresses: starts of the IRIs.
        keys: agencies and contacts that are called otherwise today.
    """

    addresses: list[str]
    keys: list[str]

    def __bool__(self) -> bool:
        """Say whether anything is left."""
        return bool(self.addresses or self.keys)


def old() -> Old:
    """Return what the store still has of other addresses than that of today."""
    nodes = model.Session.execute(
        sa.select(Node.key, Node.kind, Node.reference)
        .where(Node.kind != SHARED)
        .distinct()
        .order_by(Node.key)
    )
    outdated = [row for row in nodes if row.key != _iri(row.kind, row.reference)]
    values = {"fingerprint": fingerprint.current(), "current": _current()}
    addresses = set(model.Session.scalars(_STALE, values))
    for row in outdated:
        address, organisation, _rest = row.key.rpartition("/organization/")
        if organisation:
            addresses.add(address)
    return Old(sorted(addresses), list(dict.fromkeys(row.key for row in outdated)))


def forget(left: Old) -> None:
    """Let the store speak of the address of today alone, once all datasets are written again.

    Clients of the feed have to start again: they know every record by another IRI.
    """
    # A dataset that could not be written again still refers to them.
    used = sa.select(sa.func.unnest(Entry.registered)).where(Entry.state == LIVE)
    model.Session.execute(_GONE, {"current": _current(), "old": left.addresses})
    model.Session.execute(
        sa.delete(Node)
        .where(Node.key.in_(left.keys), Node.key.not_in(used))
        .execution_options(synchronize_session=False)
    )
    model.Session.execute(_RESTART, {"current": _current()})


def _iri(kind: str, reference: str) -> str:
    if kind == AGENCY:
        return str(publisher_uri_organization_fallback({"organization": {"id": reference}}))
    return contact_points.read(reference).iri


def _current() -> str:
    return catalog_uri().rstrip("/")
