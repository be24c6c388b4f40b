"""Finds entries that were written under another address of the portal.

Datasets, agencies and contacts have IRIs below the address of the portal. When it changes, all
datasets are stale and are written again. What is not written again retains its IRI: the deletions
in the feed, and agencies and contacts under their old IRIs. The old address is read from the IRIs
that the portal itself has generated.
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
    """Entries with other addresses.

    Attributes:
        addresses: starts of the IRIs.
        keys: agencies and contacts that have other IRIs today.
    """

    addresses: list[str]
    keys: list[str]

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.addresses or self.keys)


def old() -> Old:
    """Return the entries of the store with an address other than the current one."""
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


def replace(left: Old) -> None:
    """Replace old addresses by the current one, once all datasets are written again.

    Clients of the feed have to start again: they have every record under another IRI.
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
