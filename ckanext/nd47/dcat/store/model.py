"""Tables of the store: the serialised export."""

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
Number = Annotated[int, mapped_column(sa.BigInteger)]
Count = Annotated[int, mapped_column(sa.BigInteger, server_default="0")]
Keys = Annotated[list[str], mapped_column(ARRAY(sa.Text), server_default="{}")]
Flag = Annotated[bool, mapped_column(sa.Boolean, server_default=sa.false())]

LIVE = "live"
GONE = "gone"
BROKEN = "broken"
"""States of a dataset: public; no longer public; public, but could never be written."""

CREATE = "create"
UPDATE = "update"
DELETE = "delete"

AGENCY = "agency"
CONTACT = "contact"
SHARED = "shared"
"""Kinds of nodes: an organisation, its contact for a role, and statements of many datasets."""

STATE_ID = 1


@registry.mapped_as_dataclass(kw_only=True)
class Entry:
    """A dataset that is, or was, public.

    There is no foreign key to the table of datasets: a deletion must remain recorded after a purge.

    Args:
        id: id of the dataset.
        name: its name, which also finds a withdrawn dataset.
        iri: its IRI.
        state: `live`, `gone` or `broken`.
        change: kind of the last change: `create`, `update` or `delete`.
        ordinal: its place in the catalogue, assigned at the first publication and never changed.
        seq: number of its last change; a client that has read up to a number has all earlier
            changes.
        first_published: time of the first publication.
        modified: time of the last change of the exported content.
        source_modified: `metadata_modified` of the dataset that was written.
        etag: hash of its content.
        fingerprint: hash of everything else that it depends on, see `fingerprint`.
        registered: keys of the agencies and contacts that it refers to, whose content may change.
        shared: keys of the shared statements that it refers to, which never change.
        pending: whether it repeats outdated data of an agency and must be written again.
        problems: omitted values: `field`, `value`, `reason`.
        error: why the latest metadata could not be written, empty if they were.
        nt: N-Triples; empty if the dataset is gone, like all formats.
        ttl: its part of a document in Turtle, without the declarations of prefixes.
        xml: its part of a document in RDF/XML, without the root element.
        jsonld: its part of a document in JSON-LD, without the brackets of the list.
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
        sa.Index("ix_nd47_dcat_entry_iri", "iri"),
        sa.Index("ix_nd47_dcat_entry_modified", "modified"),
        sa.Index(
            "ix_nd47_dcat_entry_problems",
            "id",
            postgresql_where=sa.text("error <> '' OR problems <> '[]'"),
        ),
        sa.Index("ix_nd47_dcat_entry_pending", "ordinal", postgresql_where=sa.text("pending")),
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
    registered: Mapped[Keys] = mapped_column(default_factory=list)
    shared: Mapped[Keys] = mapped_column(default_factory=list)
    pending: Mapped[Flag] = mapped_column(default=False)
    problems: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]", default_factory=list)
    error: Mapped[Words] = mapped_column(default="")
    nt: Mapped[Words] = mapped_column(default="")
    ttl: Mapped[Words] = mapped_column(default="")
    xml: Mapped[Words] = mapped_column(default="")
    jsonld: Mapped[Words] = mapped_column(default="")


@registry.mapped_as_dataclass(kw_only=True)
class Node:
    """A node that several datasets refer to: an agency, a contact, or a shared statement.

    A contact has a row for each of its current and future terms; the day of the request decides
    which of them is sent.

    Args:
        key: IRI of an agency or contact; hash of the content of a shared statement.
        valid_from: first day on which the content is valid.
        valid_to: last such day.
        kind: `agency`, `contact` or `shared`.
        reference: id of the organisation, or the contact as `contact_points` names it; IRI of the
            shared statement.
        agencies: ids of the agencies that its content depends on.
        seq: number of its last change; 0 for shared statements, which never change.
        modified: time of its last change.
        etag: hash of the content, empty for a removed agency or contact.
        nt: as in `Entry`; so are the other formats.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_dcat_node"
    __table_args__ = (
        sa.PrimaryKeyConstraint("key", "valid_from", name="pk_nd47_dcat_node"),
        sa.CheckConstraint(
            "kind IN ('agency', 'contact', 'shared')", name="ck_nd47_dcat_node_kind"
        ),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_nd47_dcat_node_term"),
        sa.Index("ix_nd47_dcat_node_seq", "seq", postgresql_where=sa.text("seq > 0")),
        sa.Index("ix_nd47_dcat_node_agencies", "agencies", postgresql_using="gin"),
    )

    key: Mapped[Key]
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date]
    kind: Mapped[Key]
    modified: Mapped[Moment]
    reference: Mapped[Words] = mapped_column(default="")
    agencies: Mapped[Keys] = mapped_column(default_factory=list)
    seq: Mapped[Count] = mapped_column(default=0)
    etag: Mapped[Words] = mapped_column(default="")
    nt: Mapped[Words] = mapped_column(default="")
    ttl: Mapped[Words] = mapped_column(default="")
    xml: Mapped[Words] = mapped_column(default="")
    jsonld: Mapped[Words] = mapped_column(default="")


@registry.mapped_as_dataclass(kw_only=True)
class State:
    """The single row that every writer locks first, so that numbers follow the order of commits.

    A sequence of the database is not enough: its numbers are assigned before the commit, and a
    reader could miss a smaller number that becomes visible later.

    Args:
        id: always 1.
        seq: number of the last change.
        ordinal: the last place that was assigned.
        live: number of public datasets.
        modified: time of the last change of any dataset or node.
        listed: time when a dataset was last published or withdrawn.
        complete: whether every public dataset was written; until then the store is not served.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_dcat_state"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_dcat_state"),
        sa.CheckConstraint("id = 1", name="ck_nd47_dcat_state_single"),
    )

    modified: Mapped[Moment]
    listed: Mapped[Moment]
    id: Mapped[int] = mapped_column(sa.SmallInteger, default=STATE_ID, autoincrement=False)
    seq: Mapped[Count] = mapped_column(default=0)
    ordinal: Mapped[Count] = mapped_column(default=0)
    live: Mapped[Count] = mapped_column(default=0)
    complete: Mapped[Flag] = mapped_column(default=False)


@registry.mapped_as_dataclass(kw_only=True)
class Commit:
    """A commit that assigned numbers; it identifies the history that a client of the feed has read.

    After a backup is restored, the portal assigns the same numbers again, but not the same marks: a
    client with another mark for a number has read another history.

    Args:
        seq: the last number that it assigned.
        mark: a random text.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_dcat_commit"
    __table_args__ = (sa.PrimaryKeyConstraint("seq", name="pk_nd47_dcat_commit"),)

    seq: Mapped[int] = mapped_column(sa.BigInteger, autoincrement=False)
    mark: Mapped[Key]
