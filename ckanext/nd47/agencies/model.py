"""Tables of the register: agencies, focal points, documents, roles of accounts, history."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ckan.model.meta import registry
from ckan.model.types import make_uuid

Key = Annotated[str, mapped_column(sa.Text)]
Words = Annotated[str, mapped_column(sa.Text, server_default="")]
Day = Annotated[dt.date, mapped_column(sa.Date)]
Moment = Annotated[dt.datetime, mapped_column(sa.DateTime(timezone=True))]
Structure = Annotated[dict[str, Any], mapped_column(JSONB, server_default="{}")]

NEEDED_ROLES = ("feedback", "sharing")
"""Roles that every agency with datasets must fill: feedback on open data (Decree 47/2020/NĐ-CP,
Article 19(2)), and connecting and sharing data (Article 7(1))."""

ROLES = (*NEEDED_ROLES, "information", "officer", "steward", "commune", "compliance")
"""Codes of the vocabulary `focal-point-role`, in the order in which contacts are chosen."""

RANKS = ("main", "deputy")
"""In the order in which they are contacted."""


def now() -> dt.datetime:
    """Return the present moment."""
    return dt.datetime.now(dt.timezone.utc)


def _term() -> sa.ColumnElement[Any]:
    return sa.func.daterange(sa.column("valid_from"), sa.column("valid_to"), "[]")


@registry.mapped_as_dataclass(kw_only=True)
class Agency:
    """The register entry of one CKAN organisation.

    Args:
        id: id of the organisation, whose title is the name that pages show.
        code: electronic agency code (Decision 20/2020/QĐ-TTg), unique; None where there is none.
        former_code: the code in the older, reversed form (`000.02.00.H55`).
        legal_name: name in full, where the title is shortened.
        short_name: abbreviation in use.
        title_en: name in English.
        level: code of the vocabulary `agency-level`.
        parent_id: the superior agency; a tree without cycles.
        administrative_unit: code of province or commune.
        address: postal address.
        telephone: office telephone.
        email: office mailbox.
        url: website.
        valid_from: first day of its existence.
        valid_to: last day of its existence.
        successor_id: the agency that took over.
        folded: names and codes without diacritics, for searches.
        sort_key: its name as a key for sorting.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_agency"
    __table_args__ = (
        sa.UniqueConstraint("code", name="uq_nd47_agency_code"),
        sa.CheckConstraint("parent_id <> id", name="ck_nd47_agency_parent"),
        sa.CheckConstraint("successor_id <> id", name="ck_nd47_agency_successor"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_nd47_agency_term"),
        sa.Index("ix_nd47_agency_parent_id", "parent_id"),
        sa.Index("ix_nd47_agency_sort_key", "sort_key"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_agency"),
        sa.ForeignKeyConstraint(["id"], ["group.id"], name="fk_nd47_agency_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["nd47_agency.id"], name="fk_nd47_agency_parent_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["nd47_agency.id"],
            name="fk_nd47_agency_successor_id",
            ondelete="SET NULL",
        ),
    )

    id: Mapped[Key]
    code: Mapped[Key | None] = mapped_column(default=None)
    former_code: Mapped[Words] = mapped_column(default="")
    legal_name: Mapped[Words] = mapped_column(default="")
    short_name: Mapped[Words] = mapped_column(default="")
    title_en: Mapped[Words] = mapped_column(default="")
    level: Mapped[Words] = mapped_column(default="")
    parent_id: Mapped[Key | None] = mapped_column(default=None)
    administrative_unit: Mapped[Words] = mapped_column(default="")
    address: Mapped[Words] = mapped_column(default="")
    telephone: Mapped[Words] = mapped_column(default="")
    email: Mapped[Words] = mapped_column(default="")
    url: Mapped[Words] = mapped_column(default="")
    valid_from: Mapped[Day | None] = mapped_column(default=None)
    valid_to: Mapped[Day | None] = mapped_column(default=None)
    successor_id: Mapped[Key | None] = mapped_column(default=None)
    folded: Mapped[Words] = mapped_column(default="")
    sort_key: Mapped[Words] = mapped_column(default="")
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    modified: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())

    @classmethod
    def in_order(cls) -> sa.ColumnElement[str]:
        """Return the expression that lists are ordered by: keys compare byte by byte."""
        column: Any = cls.sort_key
        return column.collate("C")


@registry.mapped_as_dataclass(kw_only=True)
class FocalPoint:
    """A focal point (đầu mối) of an agency in one role, for one term.

    Args:
        agency_id: the agency.
        role: one of `ROLES`.
        rank: one of `RANKS`.
        full_name: name of the officer.
        position: position in the agency.
        function: duty of the officer.
        telephone: of the office.
        email: of the office.
        personal_telephone: for administrators only.
        personal_email: for administrators only.
        document_number: of the document that appoints the officer.
        document_date: its date.
        document_url: its web address.
        document_file: name of its file in `Document`, empty where there is none.
        valid_from: first day of the term.
        valid_to: last day; None while no end is set.
        folded: the searchable fields without diacritics, by field.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_focal_point"
    __table_args__ = (
        # Constraints, so that two writers at the same moment cannot both succeed.
        ExcludeConstraint(
            (sa.column("agency_id"), "="),
            (sa.column("role"), "="),
            (_term(), "&&"),
            where=sa.text("rank = 'main'"),
            using="gist",
            name="ex_nd47_focal_point_one_main",
        ),
        ExcludeConstraint(
            (sa.column("agency_id"), "="),
            (sa.column("role"), "="),
            (sa.column("full_name"), "="),
            (sa.column("email"), "="),
            (_term(), "&&"),
            using="gist",
            name="ex_nd47_focal_point_same_person",
        ),
        sa.CheckConstraint(f"role IN {ROLES}", name="ck_nd47_focal_point_role"),
        sa.CheckConstraint("rank IN ('main', 'deputy')", name="ck_nd47_focal_point_rank"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_nd47_focal_point_term"),
        sa.Index("ix_nd47_focal_point_agency_id", "agency_id"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_focal_point"),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["nd47_agency.id"],
            name="fk_nd47_focal_point_agency_id",
            ondelete="CASCADE",
        ),
    )

    agency_id: Mapped[Key]
    role: Mapped[Key]
    rank: Mapped[Key]
    valid_from: Mapped[Day]
    valid_to: Mapped[Day | None] = mapped_column(default=None)
    full_name: Mapped[Words] = mapped_column(default="")
    position: Mapped[Words] = mapped_column(default="")
    function: Mapped[Words] = mapped_column(default="")
    telephone: Mapped[Words] = mapped_column(default="")
    email: Mapped[Words] = mapped_column(default="")
    personal_telephone: Mapped[Words] = mapped_column(default="")
    personal_email: Mapped[Words] = mapped_column(default="")
    document_number: Mapped[Words] = mapped_column(default="")
    document_date: Mapped[Day | None] = mapped_column(default=None)
    document_url: Mapped[Words] = mapped_column(default="")
    document_file: Mapped[Words] = mapped_column(default="")
    folded: Mapped[Structure] = mapped_column(default_factory=dict)
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    modified: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


@registry.mapped_as_dataclass(kw_only=True)
class Document:
    """The document that appoints a focal point, as a file.

    Args:
        focal_point_id: the focal point; the file is deleted with it.
        name: name of the file.
        media_type: media type of the content.
        content: its bytes.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_document"
    __table_args__ = (
        sa.PrimaryKeyConstraint("focal_point_id", name="pk_nd47_document"),
        sa.ForeignKeyConstraint(
            ["focal_point_id"],
            ["nd47_focal_point.id"],
            name="fk_nd47_document_focal_point_id",
            ondelete="CASCADE",
        ),
    )

    focal_point_id: Mapped[Key]
    name: Mapped[Key]
    media_type: Mapped[Key]
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())


@registry.mapped_as_dataclass(kw_only=True)
class History:
    """One change of the register.

    Args:
        agency_id: the agency; not a foreign key, since history outlives the records.
        subject: `agency`, `focal_point`, `account_role` or `adoption`.
        subject_id: id of what was changed.
        action: `create`, `update`, `delete`, `succeed`, `adopt` or `undo`.
        user_id: id of the account, empty for the command line.
        before: values of the changed fields before.
        after: values of the changed fields after.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_history"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_history"),
        sa.Index("ix_nd47_history_agency_id", "agency_id", "moment"),
        sa.Index("ix_nd47_history_subject_id", "subject_id"),
    )

    agency_id: Mapped[Key]
    subject: Mapped[Key]
    subject_id: Mapped[Key]
    action: Mapped[Key]
    user_id: Mapped[Words] = mapped_column(default="")
    before: Mapped[Structure] = mapped_column(default_factory=dict)
    after: Mapped[Structure] = mapped_column(default_factory=dict)
    moment: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), init=False, default=None)


@registry.mapped_as_dataclass(kw_only=True)
class AccountRole:
    """A role of an account in an agency, beside CKAN's capacities.

    Args:
        agency_id: the organisation.
        user_id: the account.
        role: one of `account_roles.ROLES`.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_account_role"
    __table_args__ = (
        sa.PrimaryKeyConstraint("user_id", "agency_id", "role", name="pk_nd47_account_role"),
        sa.Index("ix_nd47_account_role_agency_id", "agency_id"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["group.id"], name="fk_nd47_account_role_agency_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_nd47_account_role_user_id", ondelete="CASCADE"
        ),
    )

    agency_id: Mapped[Key]
    user_id: Mapped[Key]
    role: Mapped[Key]
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())


# For `ckan db create-from-model`, which does not run migrations.
event.listen(
    FocalPoint.__table__,
    "before_create",
    sa.DDL("CREATE EXTENSION IF NOT EXISTS btree_gist"),
)
