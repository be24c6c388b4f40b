"""Tables of agencies, focal points and their history; agencies move out of organisations' extras.

Before, what is known of an agency lay in the extras of its organisation. The upgrade moves it to
the register, the downgrade moves it back. Where two organisations bear one code, the older one
keeps it; the other's code goes to its history, since a code stands for one agency.

Revision ID: 4700a1
Revises:
Create Date: 2026-11-22
"""

from __future__ import annotations

import json
import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

revision = "4700a1"
down_revision = None
branch_labels = None
depends_on = None

# Extra of an organisation -> column of the register
EXTRAS = {
    "identifier": "code",
    "agency_level": "level",
    "title_en": "title_en",
    "email": "email",
    "telephone": "telephone",
    "url": "url",
    "address": "address",
}


def words(name):
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def moment(name):
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
    )


def structure(name):
    return sa.Column(name, JSONB, nullable=False, server_default="{}")


def term():
    return sa.func.daterange(sa.column("valid_from"), sa.column("valid_to"), "[]")


def upgrade():
    # A trusted extension since PostgreSQL 13: the owner of the database may create it.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    create_agency()
    create_focal_point()
    create_history()
    move_in()


def create_agency():
    op.create_table(
        "nd47_agency",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("code", sa.Text),
        words("former_code"),
        words("legal_name"),
        words("short_name"),
        words("title_en"),
        words("level"),
        sa.Column("parent_id", sa.Text),
        words("administrative_unit"),
        words("address"),
        words("telephone"),
        words("email"),
        words("url"),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("successor_id", sa.Text),
        words("folded"),
        words("sort_key"),
        moment("created"),
        moment("modified"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_agency"),
        sa.UniqueConstraint("code", name="uq_nd47_agency_code"),
        sa.CheckConstraint("parent_id <> id", name="ck_nd47_agency_parent"),
        sa.CheckConstraint("successor_id <> id", name="ck_nd47_agency_successor"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_nd47_agency_term"),
        sa.ForeignKeyConstraint(["id"], ["group.id"], "fk_nd47_agency_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["nd47_agency.id"], "fk_nd47_agency_parent_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["nd47_agency.id"],
            "fk_nd47_agency_successor_id",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_nd47_agency_parent_id", "nd47_agency", ["parent_id"])
    op.create_index("ix_nd47_agency_sort_key", "nd47_agency", ["sort_key"])


def create_focal_point():
    op.create_table(
        "nd47_focal_point",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("agency_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("rank", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        words("full_name"),
        words("position"),
        words("function"),
        words("telephone"),
        words("email"),
        words("personal_telephone"),
        words("personal_email"),
        words("document_number"),
        sa.Column("document_date", sa.Date),
        words("document_url"),
        structure("folded"),
        moment("created"),
        moment("modified"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_focal_point"),
        sa.CheckConstraint("role IN ('feedback', 'sharing')", name="ck_nd47_focal_point_role"),
        sa.CheckConstraint("rank IN ('main', 'deputy')", name="ck_nd47_focal_point_rank"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_nd47_focal_point_term"),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["nd47_agency.id"],
            "fk_nd47_focal_point_agency_id",
            ondelete="CASCADE",
        ),
        ExcludeConstraint(
            (sa.column("agency_id"), "="),
            (sa.column("role"), "="),
            (term(), "&&"),
            where=sa.text("rank = 'main'"),
            using="gist",
            name="ex_nd47_focal_point_one_main",
        ),
        ExcludeConstraint(
            (sa.column("agency_id"), "="),
            (sa.column("role"), "="),
            (sa.column("full_name"), "="),
            (sa.column("email"), "="),
            (term(), "&&"),
            using="gist",
            name="ex_nd47_focal_point_same_person",
        ),
    )
    op.create_index("ix_nd47_focal_point_agency_id", "nd47_focal_point", ["agency_id"])


def create_history():
    op.create_table(
        "nd47_history",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("agency_id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        words("user_id"),
        structure("before"),
        structure("after"),
        moment("moment"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_history"),
    )
    op.create_index("ix_nd47_history_agency_id", "nd47_history", ["agency_id", "moment"])
    op.create_index("ix_nd47_history_subject_id", "nd47_history", ["subject_id"])


def move_in():
    connection = op.get_bind()
    organisations = connection.execute(
        sa.text(
            'SELECT id, name, title, extras FROM "group" WHERE is_organization ORDER BY created, id'
        )
    ).all()
    codes = set()
    for group_id, name, title, extras in organisations:
        extras = extras or {}
        row = {column: str(extras.get(extra) or "") for extra, column in EXTRAS.items()}
        given = row["code"]
        row["code"] = given if given and given not in codes else None
        codes.add(given)
        row["sort_key"] = fold(title or name)
        row["folded"] = fold(" ".join(filter(None, (title, name, row["title_en"], row["code"]))))
        columns = ", ".join(row)
        places = ", ".join(f":{column}" for column in row)
        connection.execute(
            sa.text(f"INSERT INTO nd47_agency (id, {columns}) VALUES (:id, {places})"),
            {"id": group_id, **row},
        )
        if given and row["code"] is None:
            note_lost_code(connection, group_id, given)
    connection.execute(
        sa.text(
            "UPDATE nd47_agency a SET parent_id = m.table_id FROM member m, nd47_agency p"
            " WHERE m.group_id = a.id AND m.table_name = 'group' AND m.state = 'active'"
            " AND p.id = m.table_id AND p.id <> a.id"
        )
    )
    break_loops(connection)
    for extra in EXTRAS:
        connection.execute(
            sa.text(
                'UPDATE "group" SET extras = extras - :extra'
                " WHERE is_organization AND jsonb_exists(extras, :extra)"
            ),
            {"extra": extra},
        )


def note_lost_code(connection, group_id, code):
    connection.execute(
        sa.text(
            "INSERT INTO nd47_history (agency_id, subject, subject_id, action, before, after)"
            " VALUES (:id, 'agency', :id, 'update', CAST(:before AS jsonb), CAST(:after AS jsonb))"
        ),
        {
            "id": group_id,
            "before": json.dumps({"code": code}),
            "after": json.dumps({"code": ""}),
        },
    )


def break_loops(connection):
    parents = dict(
        connection.execute(
            sa.text("SELECT id, parent_id FROM nd47_agency WHERE parent_id IS NOT NULL")
        ).all()
    )
    for one in list(parents):
        seen, above = {one}, parents.get(one)
        while above is not None and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above == one:
            del parents[one]
            connection.execute(
                sa.text("UPDATE nd47_agency SET parent_id = NULL WHERE id = :id"), {"id": one}
            )


def fold(text):
    text = text.translate({ord("đ"): "d", ord("Đ"): "d"})
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def downgrade():
    move_out()
    for table in ("nd47_history", "nd47_focal_point", "nd47_agency"):
        op.drop_table(table)
    # The extension stays: another program may use it by now.


def move_out():
    pairs = ", ".join(f"'{extra}', nullif({column}, '')" for extra, column in EXTRAS.items())
    op.execute(
        'UPDATE "group" g SET extras = coalesce(g.extras, \'{}\') ||'
        f" jsonb_strip_nulls(jsonb_build_object({pairs}))"
        " FROM nd47_agency a WHERE a.id = g.id"
    )
