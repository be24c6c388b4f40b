"""Tables of the store: what is exported, ready to be sent."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckan.model.meta import registry

Key = Annotated[str, mapped_column(sa.Text)]
Words = Annotated[str, mapped_column(sa.Text, server_default="")]
Moment = Annotated[dt.datetime, mapped_column(sa.DateTime(timezone=True))]
Bytes = Annotated[bytes, mapped_column(sa.LargeBinary)]
Number = Annotated[int, mapped_column(sa.BigInteger)]

LIVE = "live"
GONE = "gone"
BROKEN = "broken"
STATES = (LIVE, GONE, BROKEN)
"""Public; public once but no longer; public, but could never be written."""

CREATE = "create"
UPDATE = "update"
DELETE = "delete"

AGENCY = "agency"
CONTACT = "contact"
SHARED = "shared"
"""Kinds of nodes: an organisation, a focal point, and what many datasets say alike."""

STATE_ID = 1


def now() -> dt.datetime:
    """Return the present moment."""
    return dt.datetime.now(dt.timezone.utc)


@registry.mapped_as_dataclass(kw_only=True)
class Entry:
    """A dataset that is, or was, public.

    There is no reference to the table of datasets: a deletion must stay known after a purge.

    Args:
        id: id of the dataset.
        name: its name, by which a withdrawn dataset is found too.
        iri: its IRI.
        state: one of `STATES`.
        change: what the last change was: `create`, `update` or `delete`.
        ordinal: its place in the catalogue, given at the first publication and never changed.
        seq: number of its last change; whoever has read up to a number has missed nothing before.
        first_published: moment of the first publication.
        modified: moment of the last change of what is exported.
        source_modified: `metadata_modified` of the dataset that was written.
        etag: hash of what the dataset says, empty until it is written for the first time.
        fingerprint: hash of everything else that went into it, see `fingerprint`.
        nodes: keys of the shared statements it refers to; they never change.
        registered: keys of the agencies and focal points it refers to, whose rows change.
        due: when the dataset was saved, while it waits to be written; None when it does not.
        settled: up to which change of its agencies it was written at a reader's request, see
            `settle.before_reading`.
        problems: values that were left out: `field`, `value`, `reason`.
        error: why it could not be written at all, empty when it was.
        nt: N-Triples; empty when the dataset is gone.
        ttl: Turtle without the declarations of prefixes.
        xml: elements of RDF/XML without the root.
        jsonld: objects of expanded JSON-LD without the brackets.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_dcat_entry"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_dcat_entry"),
        sa.UniqueConstraint("ordinal", name="uq_nd47_dcat_entry_ordinal"),
        sa.UniqueConstraint("seq", name="uq_nd47_dcat_entry_seq"),
        sa.CheckConstraint("state IN ('live', 'gone', 'broken')", name="ck_nd47_dcat_entry_state"),
        sa.CheckConstraint(
            "change IN ('create', 'update', 'delete')", name="ck_nd47_dcat_entry_change"
        ),
        sa.Index("ix_nd47_dcat_entry_name", "name"),
        sa.Index("ix_nd47_dcat_entry_modified", "modified"),
        sa.Index(
            "ix_nd47_dcat_entry_problems",
            "id",
            postgresql_where=sa.text("error <> '' OR problems <> '[]'"),
        ),
        sa.Index("ix_nd47_dcat_entry_due", "due", postgresql_where=sa.text("due IS NOT NULL")),
    )

    id: Mapped[Key]
    name: Mapped[Key]
    iri: Mapped[Key]
    state: Mapped[Key]
    change: Mapped[Key]
    ordinal: Mapped[Number]
    seq: Mapped[Number]
    first_published: Mapped[Moment]
    modified: Mapped[Moment]
    source_modified: Mapped[dt.datetime | None] = mapped_column(sa.DateTime, default=None)
    etag: Mapped[Words] = mapped_column(default="")
    fingerprint: Mapped[Words] = mapped_column(default="")
    nodes: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text), server_default="{}", default_factory=list
    )
    registered: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text), server_default="{}", default_factory=list
    )
    due: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True), default=None)
    settled: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True), default=None)
    problems: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]", default_factory=list)
    error: Mapped[Words] = mapped_column(default="")
    nt: Mapped[Bytes] = mapped_column(default=b"", server_default="")
    ttl: Mapped[Bytes] = mapped_column(default=b"", server_default="")
    xml: Mapped[Bytes] = mapped_column(default=b"", server_default="")
    jsonld: Mapped[Bytes] = mapped_column(default=b"", server_default="")


@registry.mapped_as_dataclass(kw_only=True)
class Node:
    """What several datasets refer to: an agency, a focal point, or a statement they share.

    Args:
        key: IRI of an agency or focal point; hash of the content of what is shared.
        kind: `agency`, `contact` or `shared`.
        reference: id of the organisation or of the focal point, empty for what is shared.
        iri: the node's IRI.
        seq: number of its last change; 0 for what is shared, which never changes.
        modified: moment of its last change.
        etag: hash of the content.
        due: since when the datasets that refer to it wait to be written anew, None when none does.
        nt: as in `Entry`.
        ttl: as in `Entry`.
        xml: as in `Entry`.
        jsonld: as in `Entry`.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_dcat_node"
    __table_args__ = (
        sa.PrimaryKeyConstraint("key", name="pk_nd47_dcat_node"),
        sa.CheckConstraint(
            "kind IN ('agency', 'contact', 'shared')", name="ck_nd47_dcat_node_kind"
        ),
        sa.Index("ix_nd47_dcat_node_seq", "seq", postgresql_where=sa.text("seq > 0")),
        sa.Index("ix_nd47_dcat_node_reference", "reference"),
    )

    key: Mapped[Key]
    kind: Mapped[Key]
    reference: Mapped[Words] = mapped_column(default="")
    iri: Mapped[Words] = mapped_column(default="")
    seq: Mapped[int] = mapped_column(sa.BigInteger, server_default="0", default=0)
    modified: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    etag: Mapped[Words] = mapped_column(default="")
    due: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True), default=None)
    nt: Mapped[Bytes] = mapped_column(default=b"", server_default="")
    ttl: Mapped[Bytes] = mapped_column(default=b"", server_default="")
    xml: Mapped[Bytes] = mapped_column(default=b"", server_default="")
    jsonld: Mapped[Bytes] = mapped_column(default=b"", server_default="")


@registry.mapped_as_dataclass(kw_only=True)
class State:
    """The one row that every writer locks first, so that numbers follow the order of the commits.

    A sequence of the database would not do: its numbers are given before the commit, and a reader
    could pass a smaller one that becomes visible later.

    Args:
        id: always 1.
        seq: number of the last change.
        ordinal: place of the dataset that was published last for the first time.
        live: how many datasets are public.
        modified: moment of the last change of any dataset or node.
        listed: moment when a dataset last came or went.
        complete: whether every public dataset has been written; until then the store is not served.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_dcat_state"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_dcat_state"),
        sa.CheckConstraint("id = 1", name="ck_nd47_dcat_state_single"),
    )

    id: Mapped[int] = mapped_column(sa.SmallInteger, default=STATE_ID, autoincrement=False)
    seq: Mapped[int] = mapped_column(sa.BigInteger, server_default="0", default=0)
    ordinal: Mapped[int] = mapped_column(sa.BigInteger, server_default="0", default=0)
    live: Mapped[int] = mapped_column(sa.BigInteger, server_default="0", default=0)
    modified: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    listed: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    complete: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)
