"""All tables of the suite; what is known of agencies is read from organisations' extras.

Before, what is known of an agency lay in the extras of its organisation. The upgrade copies it to
the register and leaves the extras as they are: a portal without the suite shows them again. Where
two organisations have the same code, the older
organisation has it afterwards; the other's code goes to its history, since a code stands for one
agency. The tables of the DCAT export start empty: `ckan nd47 dcat rebuild` fills them, and until
then the export is made for each request.

Revision ID: 470001
Revises:
Create Date: 2026-11-28
"""

from __future__ import annotations

import json
import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint

revision = "470001"
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
ROLES = ("feedback", "sharing", "information", "officer", "steward", "commune", "compliance")
TABLES = (
    "nd47_dcat_commit",
    "nd47_dcat_state",
    "nd47_dcat_node",
    "nd47_dcat_entry",
    "nd47_former_name",
    "nd47_history",
    "nd47_document",
    "nd47_focal_point",
    "nd47_agency",
)
PACKAGE_IDENTIFIER = "ix_nd47_package_identifier"


def text(name):
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def key(name):
    return sa.Column(name, sa.Text, nullable=False)


def keys(name):
    return sa.Column(name, ARRAY(sa.Text), nullable=False, server_default="{}")


def number(name):
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def moment(name, **default):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, **default)


def created(name):
    return moment(name, server_default=sa.func.now())


def structure(name):
    return sa.Column(name, JSONB, nullable=False, server_default="{}")


def flag(name):
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def term():
    return sa.func.daterange(sa.column("valid_from"), sa.column("valid_to"), "[]")


def upgrade():
    # A trusted extension since PostgreSQL 13: the owner of the database may create it.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    create_agency()
    create_focal_point()
    create_document()
    create_history()
    create_former_name()
    create_dcat_entry()
    create_dcat_node()
    create_dcat_state()
    compress_content()
    # Each save asks for identifiers. Their first characters alone: another schema may have a long
    # text in a field of this name, and an index takes 2,700 bytes.
    op.create_index(
        PACKAGE_IDENTIFIER,
        "package",
        [sa.text("(\"left\"(extras ->> 'identifier', 100)) text_pattern_ops")],
    )
    read_agencies_from_extras()


def downgrade():
    write_agencies_to_extras()
    op.drop_index(PACKAGE_IDENTIFIER, "package")
    for table in TABLES:
        op.drop_table(table)
    # The extension stays: another program may use it by now.


def create_agency():
    op.create_table(
        "nd47_agency",
        key("id"),
        sa.Column("code", sa.Text),
        text("former_code"),
        text("legal_name"),
        text("short_name"),
        text("title_en"),
        text("level"),
        sa.Column("parent_id", sa.Text),
        text("administrative_unit"),
        text("address"),
        text("telephone"),
        text("email"),
        text("url"),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("successor_id", sa.Text),
        text("folded"),
        text("sort_key"),
        created("created"),
        created("modified"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_agency"),
        sa.UniqueConstraint("code", name="uq_nd47_agency_code"),
        sa.CheckConstraint("parent_id <> id", name="ck_nd47_agency_parent"),
        sa.CheckConstraint("successor_id <> id", name="ck_nd47_agency_successor"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_nd47_agency_term"),
        sa.ForeignKeyConstraint(["id"], ["group.id"], "fk_nd47_agency_id", ondelete="CASCADE"),
        *(
            sa.ForeignKeyConstraint(
                [column], ["nd47_agency.id"], f"fk_nd47_agency_{column}", ondelete="SET NULL"
            )
            for column in ("parent_id", "successor_id")
        ),
    )
    op.create_index("ix_nd47_agency_parent_id", "nd47_agency", ["parent_id"])
    op.create_index("ix_nd47_agency_sort_key", "nd47_agency", ["sort_key"])


def create_focal_point():
    op.create_table(
        "nd47_focal_point",
        key("id"),
        key("agency_id"),
        key("role"),
        key("rank"),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        text("full_name"),
        text("position"),
        text("function"),
        text("telephone"),
        text("email"),
        text("personal_telephone"),
        text("personal_email"),
        text("document_number"),
        sa.Column("document_date", sa.Date),
        text("document_url"),
        text("document_file"),
        structure("folded"),
        created("created"),
        created("modified"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_focal_point"),
        sa.CheckConstraint(f"role IN {ROLES}", name="ck_nd47_focal_point_role"),
        sa.CheckConstraint("rank IN ('main', 'deputy')", name="ck_nd47_focal_point_rank"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_nd47_focal_point_term"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["nd47_agency.id"], "fk_nd47_focal_point_agency_id", ondelete="CASCADE"
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


def create_document():
    op.create_table(
        "nd47_document",
        key("focal_point_id"),
        key("name"),
        key("media_type"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        created("created"),
        sa.PrimaryKeyConstraint("focal_point_id", name="pk_nd47_document"),
        sa.ForeignKeyConstraint(
            ["focal_point_id"],
            ["nd47_focal_point.id"],
            "fk_nd47_document_focal_point_id",
            ondelete="CASCADE",
        ),
    )


def create_history():
    op.create_table(
        "nd47_history",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        key("agency_id"),
        key("subject"),
        key("subject_id"),
        key("action"),
        text("user_id"),
        structure("before"),
        structure("after"),
        created("moment"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_history"),
    )
    op.create_index("ix_nd47_history_agency_id", "nd47_history", ["agency_id", "moment"])
    op.create_index("ix_nd47_history_subject_id", "nd47_history", ["subject_id"])


def create_former_name():
    op.create_table(
        "nd47_former_name",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        key("record_id"),
    )


def create_dcat_entry():
    op.create_table(
        "nd47_dcat_entry",
        key("id"),
        key("name"),
        key("iri"),
        key("state"),
        key("change"),
        sa.Column("ordinal", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        moment("first_published"),
        moment("modified"),
        sa.Column("source_modified", sa.DateTime),
        text("etag"),
        text("fingerprint"),
        keys("registered"),
        keys("shared"),
        flag("pending"),
        sa.Column("problems", JSONB, nullable=False, server_default="[]"),
        text("error"),
        text("nt"),
        text("ttl"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_dcat_entry"),
        sa.UniqueConstraint("ordinal", name="uq_nd47_dcat_entry_ordinal"),
        sa.UniqueConstraint("seq", name="uq_nd47_dcat_entry_seq"),
        sa.CheckConstraint("state IN ('live', 'gone', 'broken')", name="ck_nd47_dcat_entry_state"),
        sa.CheckConstraint(
            "change IN ('create', 'update', 'delete')", name="ck_nd47_dcat_entry_change"
        ),
    )
    for column in ("name", "iri", "modified"):
        op.create_index(f"ix_nd47_dcat_entry_{column}", "nd47_dcat_entry", [column])
    op.create_index(
        "ix_nd47_dcat_entry_problems",
        "nd47_dcat_entry",
        ["id"],
        postgresql_where=sa.text("error <> '' OR problems <> '[]'"),
    )
    op.create_index(
        "ix_nd47_dcat_entry_pending",
        "nd47_dcat_entry",
        ["ordinal"],
        postgresql_where=sa.text("pending"),
    )


def create_dcat_node():
    op.create_table(
        "nd47_dcat_node",
        key("key"),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date, nullable=False),
        key("kind"),
        text("reference"),
        keys("agencies"),
        number("seq"),
        moment("modified"),
        text("etag"),
        text("nt"),
        text("ttl"),
        sa.PrimaryKeyConstraint("key", "valid_from", name="pk_nd47_dcat_node"),
        sa.CheckConstraint(
            "kind IN ('agency', 'contact', 'shared')", name="ck_nd47_dcat_node_kind"
        ),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_nd47_dcat_node_term"),
    )
    op.create_index(
        "ix_nd47_dcat_node_seq", "nd47_dcat_node", ["seq"], postgresql_where=sa.text("seq > 0")
    )
    op.create_index(
        "ix_nd47_dcat_node_agencies", "nd47_dcat_node", ["agencies"], postgresql_using="gin"
    )


def create_dcat_state():
    op.create_table(
        "nd47_dcat_state",
        sa.Column("id", sa.SmallInteger, nullable=False, autoincrement=False),
        number("seq"),
        number("ordinal"),
        number("live"),
        moment("modified"),
        moment("listed"),
        flag("complete"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_dcat_state"),
        sa.CheckConstraint("id = 1", name="ck_nd47_dcat_state_single"),
    )
    op.create_table(
        "nd47_dcat_commit",
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        key("mark"),
        sa.PrimaryKeyConstraint("seq", name="pk_nd47_dcat_commit"),
    )


def compress_content():
    # Four times as fast to read as the older method, where this PostgreSQL was built with it.
    if op.get_bind().dialect.server_version_info >= (14,):
        for table in ("nd47_dcat_entry", "nd47_dcat_node"):
            for column in ("nt", "ttl"):
                op.execute(
                    f"DO $$ BEGIN ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4;"
                    " EXCEPTION WHEN feature_not_supported THEN NULL; END $$"
                )


def read_agencies_from_extras():
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
        stated = row["code"]
        row["code"] = stated if stated and stated not in codes else None
        codes.add(stated)
        row["sort_key"] = fold(title or name)
        row["folded"] = fold(" ".join(filter(None, (title, name, row["title_en"], row["code"]))))
        columns = ", ".join(row)
        places = ", ".join(f":{column}" for column in row)
        connection.execute(
            sa.text(f"INSERT INTO nd47_agency (id, {columns}) VALUES (:id, {places})"),
            {"id": group_id, **row},
        )
        if stated and row["code"] is None:
            note_removed_code(connection, group_id, stated)
    connection.execute(
        sa.text(
            "UPDATE nd47_agency a SET parent_id = m.table_id FROM member m, nd47_agency p"
            " WHERE m.group_id = a.id AND m.table_name = 'group' AND m.state = 'active'"
            " AND p.id = m.table_id AND p.id <> a.id"
        )
    )
    break_cycles(connection)


def note_removed_code(connection, group_id, code):
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


def break_cycles(connection):
    parents = dict(
        connection.execute(
            sa.text("SELECT id, parent_id FROM nd47_agency WHERE parent_id IS NOT NULL")
        ).all()
    )
    for agency in list(parents):
        seen, above = {agency}, parents.get(agency)
        while above is not None and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above == agency:
            del parents[agency]
            connection.execute(
                sa.text("UPDATE nd47_agency SET parent_id = NULL WHERE id = :id"), {"id": agency}
            )


def fold(text):
    text = text.translate({ord("đ"): "d", ord("Đ"): "d"})
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def write_agencies_to_extras():
    pairs = ", ".join(f"'{extra}', nullif({column}, '')" for extra, column in EXTRAS.items())
    op.execute(
        'UPDATE "group" g SET extras = coalesce(g.extras, \'{}\') ||'
        f" jsonb_strip_nulls(jsonb_build_object({pairs}))"
        " FROM nd47_agency a WHERE a.id = g.id"
    )
