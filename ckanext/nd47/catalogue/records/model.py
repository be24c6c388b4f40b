"""Tables of the catalogues: editions, items, lines, proposals, links, dispatches, history.

A *catalogue* row is one edition. All editions of one catalogue share `series_id`. An *item* row is
what one edition says about one thing that is to be published; the same thing in all editions is a
*line*, which has what is true whatever an edition says: datasets, the day of the first publication,
why it is late. So the links of datasets need no change when a new edition is issued.

Triggers of the database refuse every change of an issued edition and of its items, see the
migration. The tables are therefore not among CKAN's, which tests empty, but in `registry`; tables
with foreign keys to them are declared with it too. Ids of agencies, datasets and accounts are no
foreign keys: a catalogue outlives them.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import registry as make_registry

import ckan.plugins.toolkit as tk
from ckan.model.types import make_uuid

from ckanext.nd47.lib.database.migrated_table import MigratedTable

registry = make_registry()
"""Of all mapped classes of this room."""

TABLE = "nd47_catalogue"

DRAFT, PROPOSED, ISSUED, REPLACED = "draft", "proposed", "issued", "replaced"
STATES = (DRAFT, PROPOSED, ISSUED, REPLACED)
OPEN = (DRAFT, PROPOSED)
"""States in which an edition may change."""
IN_PUBLIC = (ISSUED, REPLACED)
"""States in which everybody may read an edition."""

PROVINCE, SECTOR, AGENCY = "province", "sector", "agency"
KINDS = (PROVINCE, SECTOR, AGENCY)

REPLACES, SUPPLEMENTS = "replaces", "supplements"
RELATIONS = (REPLACES, SUPPLEMENTS)

ADD, CHANGE, REMOVE = "add", "change", "remove"
PROPOSAL_KINDS = (ADD, CHANGE, REMOVE)
WAITING, MERGED, DECLINED = "waiting", "merged", "declined"
PROPOSAL_STATES = (WAITING, MERGED, DECLINED)

Key = Annotated[str, mapped_column(sa.Text)]
Words = Annotated[str, mapped_column(sa.Text, server_default="")]
Day = Annotated[dt.date, mapped_column(sa.Date)]
Moment = Annotated[dt.datetime, mapped_column(sa.DateTime(timezone=True))]
Codes = Annotated[list[str], mapped_column(ARRAY(sa.Text), server_default="{}")]
Structure = Annotated[dict[str, Any], mapped_column(JSONB, server_default="{}")]


def now() -> dt.datetime:
    """Return the present moment."""
    return dt.datetime.now(dt.timezone.utc)


def _one_of(column: str, values: tuple[str, ...], name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN {values}", name=name)


@registry.mapped_as_dataclass(kw_only=True)
class Catalogue:
    """One edition of a catalogue.

    Args:
        name: its name in addresses, unique.
        series_id: the id of the first edition, the same for all editions of one catalogue.
        edition: number of the edition in its series, from 1.
        kind: one of `KINDS`, codes of the vocabulary `catalogue-kind`.
        sector: code of the vocabulary of fields, for a catalogue of a sector.
        agency_id: the agency that compiles it and whose catalogue it is.
        title: its title.
        description: what it is for.
        previous_id: the edition that it started from.
        relation: one of `RELATIONS`, or empty: what it does with `related_id` and `related`.
        related_id: the catalogue that it replaces or supplements, where the portal has it.
        related: number and date of that decision, where the portal does not have it.
        decision_number: number of the decision, as `804/QĐ-UBND`.
        decision_date: its date.
        decision_url: its web address.
        issuer: who issues it, as `Ủy ban nhân dân tỉnh`.
        signatory: who signs.
        signatory_position: in which position.
        proposal_number: number of the proposal (tờ trình).
        proposal_date: its date.
        proposal_agency: the agency that proposes, as the document names it.
        in_force_from: first day in force.
        next_review: day by which it is to be reviewed.
        file_id: the signed file in `SignedFile`; may be added to an issued edition once.
        state: one of `STATES`, codes of the vocabulary `catalogue-state`.
        reason: why the leader returned it.
        version: grows with every change, so that nobody overwrites what they have not seen.
        changed_by: account that changed it last.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = TABLE
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue"),
        sa.UniqueConstraint("name", name="uq_nd47_catalogue_name"),
        sa.UniqueConstraint("series_id", "edition", name="uq_nd47_catalogue_edition"),
        _one_of("state", STATES, "ck_nd47_catalogue_state"),
        _one_of("kind", KINDS, "ck_nd47_catalogue_kind"),
        # Two people who start a new edition at once do not get one each.
        sa.Index(
            "uq_nd47_catalogue_open",
            "series_id",
            unique=True,
            postgresql_where=sa.text("state IN ('draft', 'proposed')"),
        ),
        sa.Index("ix_nd47_catalogue_agency_id", "agency_id"),
        sa.ForeignKeyConstraint(
            ["previous_id"],
            ["nd47_catalogue.id"],
            name="fk_nd47_catalogue_previous_id",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["related_id"],
            ["nd47_catalogue.id"],
            name="fk_nd47_catalogue_related_id",
            ondelete="SET NULL",
        ),
    )

    name: Mapped[Key]
    series_id: Mapped[Key]
    kind: Mapped[Key]
    agency_id: Mapped[Key]
    title: Mapped[Key]
    edition: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    sector: Mapped[Words] = mapped_column(default="")
    description: Mapped[Words] = mapped_column(default="")
    previous_id: Mapped[Key | None] = mapped_column(default=None)
    relation: Mapped[Words] = mapped_column(default="")
    related_id: Mapped[Key | None] = mapped_column(default=None)
    related: Mapped[Words] = mapped_column(default="")
    decision_number: Mapped[Words] = mapped_column(default="")
    decision_date: Mapped[Day | None] = mapped_column(default=None)
    decision_url: Mapped[Words] = mapped_column(default="")
    issuer: Mapped[Words] = mapped_column(default="")
    signatory: Mapped[Words] = mapped_column(default="")
    signatory_position: Mapped[Words] = mapped_column(default="")
    proposal_number: Mapped[Words] = mapped_column(default="")
    proposal_date: Mapped[Day | None] = mapped_column(default=None)
    proposal_agency: Mapped[Words] = mapped_column(default="")
    in_force_from: Mapped[Day | None] = mapped_column(default=None)
    next_review: Mapped[Day | None] = mapped_column(default=None)
    file_id: Mapped[Words] = mapped_column(default="")
    state: Mapped[str] = mapped_column(sa.Text, default=DRAFT, server_default=DRAFT)
    reason: Mapped[Words] = mapped_column(default="")
    version: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    changed_by: Mapped[Words] = mapped_column(default="")
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    modified: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


@registry.mapped_as_dataclass(kw_only=True)
class Line:
    """One thing to be published, the same in all editions.

    Args:
        series_id: the catalogue.
        status: code of the vocabulary `catalogue-item-status` that an officer set (suspended,
            stopped), empty where the datasets say how far it is.
        first_provided: the actual first day, where an officer stated it; otherwise it is the
            earliest day of the linked public datasets, see `items.progress`.
        reason: why it is late, suspended or stopped.
        version: grows with every change.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_catalogue_line"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_line"),
        sa.Index("ix_nd47_catalogue_line_series_id", "series_id"),
    )

    series_id: Mapped[Key]
    status: Mapped[Words] = mapped_column(default="")
    first_provided: Mapped[Day | None] = mapped_column(default=None)
    reason: Mapped[Words] = mapped_column(default="")
    version: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    changed_by: Mapped[Words] = mapped_column(default="")
    modified: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


@registry.mapped_as_dataclass(kw_only=True)
class Item:
    """What one edition says about one line.

    Args:
        catalogue_id: the edition.
        line_id: the line.
        position: place in the edition, from 1.
        group_title: heading of the group of rows that it stands in, as the document has it.
        code: its code in the catalogue, unique in the edition where it is not empty.
        name: name of the data.
        description: content and extent.
        field: code of the vocabulary of fields.
        provider_id: the agency that provides the data (cơ quan chủ trì cung cấp), also a commune.
        provider: its name as the document has it; alone where the register has no such agency.
        responsible_id: the agency responsible for the data (cơ quan chủ quản).
        responsible: its name as the document has it.
        source_database: the database that the data come from.
        frequency: code of the vocabulary `frequency`.
        delay: days after the end of a period within which its data are provided.
        period: what a period is, in words, as `YYYYMM`.
        formats: codes of the vocabulary `file-format`.
        methods: codes of the vocabulary `publication-method`.
        sharing_class: code of the vocabulary `sharing-class`.
        licence: id of a licence of the portal.
        planned: the planned first day; may lie ahead.
        stage: the stage of the plan, in words.
        minimum_level: what is to be reached at least, in words.
        basis: basis in the law of the sector, in words.
        basis_instrument: code of the vocabulary `instrument`, where it has this text.
        columns: the expected columns, a list of `{"name": …, "aliases": […]}`.
        focal_point: who answers for it.
        focal_email: their office mailbox.
        focal_telephone: their office telephone.
        note: remarks.
        other: cells of a document that no field is for, by heading.
        folded: the searchable fields without diacritics.
        version: grows with every change.
        changed_by: account that changed it last.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_catalogue_item"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_item"),
        sa.UniqueConstraint("catalogue_id", "line_id", name="uq_nd47_catalogue_item_line"),
        sa.Index(
            "uq_nd47_catalogue_item_code",
            "catalogue_id",
            "code",
            unique=True,
            postgresql_where=sa.text("code <> ''"),
        ),
        sa.Index("ix_nd47_catalogue_item_position", "catalogue_id", "position"),
        sa.Index("ix_nd47_catalogue_item_line_id", "line_id"),
        sa.Index("ix_nd47_catalogue_item_provider_id", "provider_id"),
        sa.ForeignKeyConstraint(
            ["catalogue_id"],
            ["nd47_catalogue.id"],
            name="fk_nd47_catalogue_item_catalogue_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["nd47_catalogue_line.id"], name="fk_nd47_catalogue_item_line_id"
        ),
    )

    catalogue_id: Mapped[Key]
    line_id: Mapped[Key]
    name: Mapped[Key]
    position: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    group_title: Mapped[Words] = mapped_column(default="")
    code: Mapped[Words] = mapped_column(default="")
    description: Mapped[Words] = mapped_column(default="")
    field: Mapped[Words] = mapped_column(default="")
    provider_id: Mapped[Words] = mapped_column(default="")
    provider: Mapped[Words] = mapped_column(default="")
    responsible_id: Mapped[Words] = mapped_column(default="")
    responsible: Mapped[Words] = mapped_column(default="")
    source_database: Mapped[Words] = mapped_column(default="")
    frequency: Mapped[Words] = mapped_column(default="")
    delay: Mapped[int | None] = mapped_column(sa.Integer, default=None)
    period: Mapped[Words] = mapped_column(default="")
    formats: Mapped[Codes] = mapped_column(default_factory=list)
    methods: Mapped[Codes] = mapped_column(default_factory=list)
    sharing_class: Mapped[Words] = mapped_column(default="")
    licence: Mapped[Words] = mapped_column(default="")
    planned: Mapped[Day | None] = mapped_column(default=None)
    stage: Mapped[Words] = mapped_column(default="")
    minimum_level: Mapped[Words] = mapped_column(default="")
    basis: Mapped[Words] = mapped_column(default="")
    basis_instrument: Mapped[Words] = mapped_column(default="")
    columns: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default_factory=list, server_default="[]"
    )
    focal_point: Mapped[Words] = mapped_column(default="")
    focal_email: Mapped[Words] = mapped_column(default="")
    focal_telephone: Mapped[Words] = mapped_column(default="")
    note: Mapped[Words] = mapped_column(default="")
    other: Mapped[Structure] = mapped_column(default_factory=dict)
    folded: Mapped[Words] = mapped_column(default="")
    version: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    changed_by: Mapped[Words] = mapped_column(default="")
    modified: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


@registry.mapped_as_dataclass(kw_only=True)
class Proposal:
    """What an agency proposes to add to a draft, to change in it or to remove from it.

    Args:
        catalogue_id: the draft.
        agency_id: the agency that proposes.
        kind: one of `PROPOSAL_KINDS`.
        line_id: what is to be changed or removed; None for something new.
        content: the proposed values of fields of the item, in the form of the API.
        note: why.
        state: one of `PROPOSAL_STATES`.
        reason: why it was declined.
        proposed_by: account that proposed.
        decided_by: account that decided.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_catalogue_proposal"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_proposal"),
        _one_of("kind", PROPOSAL_KINDS, "ck_nd47_catalogue_proposal_kind"),
        _one_of("state", PROPOSAL_STATES, "ck_nd47_catalogue_proposal_state"),
        sa.Index("ix_nd47_catalogue_proposal_catalogue_id", "catalogue_id", "state"),
        sa.Index("ix_nd47_catalogue_proposal_line_id", "line_id"),
        sa.ForeignKeyConstraint(
            ["catalogue_id"],
            ["nd47_catalogue.id"],
            name="fk_nd47_catalogue_proposal_catalogue_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["nd47_catalogue_line.id"],
            name="fk_nd47_catalogue_proposal_line_id",
            ondelete="CASCADE",
        ),
    )

    catalogue_id: Mapped[Key]
    agency_id: Mapped[Key]
    kind: Mapped[Key]
    line_id: Mapped[Key | None] = mapped_column(default=None)
    content: Mapped[Structure] = mapped_column(default_factory=dict)
    note: Mapped[Words] = mapped_column(default="")
    state: Mapped[str] = mapped_column(sa.Text, default=WAITING, server_default=WAITING)
    reason: Mapped[Words] = mapped_column(default="")
    proposed_by: Mapped[Words] = mapped_column(default="")
    decided_by: Mapped[Words] = mapped_column(default="")
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    decided: Mapped[Moment | None] = mapped_column(default=None)
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


@registry.mapped_as_dataclass(kw_only=True)
class Link:
    """A dataset of a line.

    Args:
        line_id: the line.
        dataset_id: the dataset; it may have been purged since.
        title: its title when it was linked, for officers, once it is purged.
        linked_by: account that linked it.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_catalogue_link"
    __table_args__ = (
        sa.PrimaryKeyConstraint("line_id", "dataset_id", name="pk_nd47_catalogue_link"),
        sa.Index("ix_nd47_catalogue_link_dataset_id", "dataset_id"),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["nd47_catalogue_line.id"],
            name="fk_nd47_catalogue_link_line_id",
            ondelete="CASCADE",
        ),
    )

    line_id: Mapped[Key]
    dataset_id: Mapped[Key]
    title: Mapped[Words] = mapped_column(default="")
    linked_by: Mapped[Words] = mapped_column(default="")
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())


@registry.mapped_as_dataclass(kw_only=True)
class Dispatch:
    """To whom an issued edition was sent, and what they answered.

    Args:
        catalogue_id: the edition.
        recipient: who it was sent to, as `Bộ Công an`.
        sent: when.
        document_number: with which document.
        answer: what came back.
        answered: when.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_catalogue_dispatch"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_dispatch"),
        sa.Index("ix_nd47_catalogue_dispatch_catalogue_id", "catalogue_id"),
        sa.ForeignKeyConstraint(
            ["catalogue_id"],
            ["nd47_catalogue.id"],
            name="fk_nd47_catalogue_dispatch_catalogue_id",
            ondelete="CASCADE",
        ),
    )

    catalogue_id: Mapped[Key]
    recipient: Mapped[Key]
    sent: Mapped[Day]
    document_number: Mapped[Words] = mapped_column(default="")
    answer: Mapped[Words] = mapped_column(default="")
    answered: Mapped[Day | None] = mapped_column(default=None)
    recorded_by: Mapped[Words] = mapped_column(default="")
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


@registry.mapped_as_dataclass(kw_only=True)
class SignedFile:
    """The signed file of an edition; its bytes are where CKAN stores those of resources, by its id.

    Args:
        catalogue_id: the edition.
        name: name of the file.
        media_type: its type, detected from the content.
        size: bytes.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_catalogue_file"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_file"),
        sa.ForeignKeyConstraint(
            ["catalogue_id"],
            ["nd47_catalogue.id"],
            name="fk_nd47_catalogue_file_catalogue_id",
            ondelete="CASCADE",
        ),
    )

    catalogue_id: Mapped[Key]
    name: Mapped[Key]
    media_type: Mapped[Key]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


events = sa.Table(
    "nd47_catalogue_event",
    registry.metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
    sa.Column("catalogue_id", sa.Text, nullable=False),
    sa.Column("line_id", sa.Text, nullable=False, server_default=""),
    sa.Column("moment", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("user_id", sa.Text, nullable=False, server_default=""),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("before", JSONB, nullable=False, server_default="{}"),
    sa.Column("after", JSONB, nullable=False, server_default="{}"),
    sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_event"),
    sa.Index("ix_nd47_catalogue_event_catalogue_id", "catalogue_id", "id"),
)
"""One row for each event, see `history`; a trigger of the database refuses all changes of them.

The ids are no foreign keys: the history outlives a deleted draft.
"""

_table = MigratedTable(
    TABLE,
    lambda: tk._("The catalogues have no tables yet. Run: {command}"),
    "The catalogues have no tables yet",
)
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the tables exist; without them the portal has no catalogue."""
