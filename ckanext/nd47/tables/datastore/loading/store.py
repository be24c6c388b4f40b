"""Replaces a table of the DataStore in one transaction: readers see the old one or the new one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.datastore.backend import DatastoreBackend, DatastoreException, postgres

from ckanext.nd47.lib.database import table_words
from ckanext.nd47.tables.check.copies.load import LoadedColumn

log = logging.getLogger(__name__)

_NEW = "-nd47"
"""What the name of a table ends with until it has all rows."""

_ROWS = "-rows"
"""What the name of the table ends with that its rows pass through."""

_MOST_ARGUMENTS = 90
"""Arguments of a function call; PostgreSQL allows 100."""

_INDEX_MEMORY = "256MB"
"""Memory of the database for making an index, which takes twice as long with its usual 64 MB."""

_INDEX_NAMES = sa.text(
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE i.indrelid = CAST(:name AS regclass) AND NOT i.indisprimary"
)
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))")


def is_available() -> bool:
    """Return whether there is a DataStore in PostgreSQL."""
    return p.plugin_loaded("datastore") and isinstance(
        DatastoreBackend.get_active_backend(), postgres.DatastorePostgresqlBackend
    )


def replace(
    resource_id: str,
    columns: Sequence[LoadedColumn],
    infos: Mapping[str, Mapping[str, str]],
    rows: Path,
) -> None:
    """Load a table in place of the present one.

    Args:
        resource_id: its resource.
        columns: its columns.
        infos: by the name of the column, what the DataStore's data dictionary says.
        rows: CSV in UTF-8 without headings.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database refused it; the present table is unchanged.
    """
    engine = postgres.get_write_engine()
    postgres._cache_types(engine)  # noqa: SLF001 - as ckanext-xloader does  # pyright: ignore[reportPrivateUsage]
    new = resource_id + _NEW
    fields = [
        {"id": column["name"], "type": column["type"], "info": dict(infos.get(column["name"], {}))}
        for column in columns
    ]
    with engine.begin() as connection:
        connection.execute(_LOCK, {"name": resource_id})
        context: Any = {"connection": connection}
        aliases = postgres._get_aliases(context, {"resource_id": resource_id})  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        kept = {i: {"_info": f["info"]} for i, f in enumerate(fields) if f["info"]}
        postgres.create_table(context, {"resource_id": new, "fields": fields}, kept)
        _copy(connection, new, columns, rows)
        postgres._create_fulltext_trigger(connection, new)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        types = {column["name"]: column["type"] for column in columns}
        has_words = _index_words(connection, new, types)
        postgres.create_indexes(context, {"resource_id": new})
        connection.execute(sa.text(f"ANALYZE {_quoted(new)}"))
        _swap(connection, resource_id, new)
        if has_words:
            name = table_words.index_name(resource_id, types)
            old = _quoted(table_words.index_name(new, types))
            connection.execute(sa.text(f"ALTER INDEX {old} RENAME TO {_quoted(name)}"))
        for alias in aliases:
            # CKAN's function looks on another connection, where the alias is still there.
            view = f"CREATE VIEW {_quoted(alias)} AS SELECT * FROM {_quoted(resource_id)}"  # noqa: S608
            connection.execute(sa.text(view))
    _count(resource_id)


def types(resource_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the types of the columns of tables, by resource and column, with one statement."""
    statement = sa.text(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind = 'r' AND c.relname = ANY(:names) AND a.attnum > 0"
        " AND NOT a.attisdropped AND left(a.attname, 1) <> '_' ORDER BY a.attnum"
    )
    result: dict[str, dict[str, str]] = {}
    with postgres.get_read_engine().connect() as connection:
        for table, column, type_ in connection.execute(statement, {"names": list(resource_ids)}):
            name = str(type_)
            result.setdefault(table, {})[column] = _SHORT.get(name, name)
    return result


_SHORT = {"timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz"}


def _count(resource_id: str) -> None:
    """Let the DataStore count the rows again."""
    backend: Any = DatastoreBackend.get_active_backend()
    try:
        backend.clear_table_stats(resource_id)
        backend.calculate_record_count(resource_id)
    except DatastoreException:
        log.exception("The rows of %s were not counted: run `ckan datastore set-permissions`",
                      resource_id)  # fmt: skip


def _copy(connection: Any, name: str, columns: Sequence[LoadedColumn], rows: Path) -> None:
    """Copy rows into a table without a trigger.

    They pass through a table of their own. CKAN's trigger would compute the column of its full-text
    search row by row, which takes more than twice as long as one statement for all of them.
    """
    passing = _quoted(name + _ROWS)
    types = ", ".join(
        f"{table_words.quoted(column['name'])} {column['type']}" for column in columns
    )
    connection.execute(sa.text(f"CREATE UNLOGGED TABLE {passing} ({types})"))
    plain = ", ".join(_quoted(column["name"]) for column in columns)
    copy = (  # quoted names
        f"COPY {passing} ({plain}) FROM STDIN"
        f" WITH (FORMAT csv, ENCODING 'UTF8', FORCE_NULL ({plain}))"
    )
    with connection.connection.cursor() as cursor, rows.open("rb") as file:
        cursor.copy_expert(copy, file)
    names = ", ".join(table_words.quoted(column["name"]) for column in columns)
    # The rows keep their order.
    connection.execute(sa.text("SET LOCAL synchronize_seqscans = off"))
    connection.execute(
        sa.text(
            f"INSERT INTO {_quoted(name)} (_full_text, {names})"  # noqa: S608
            f" SELECT to_tsvector({_full_text(columns)}), {names} FROM {passing}"
        )
    )
    connection.execute(sa.text(f"DROP TABLE {passing}"))


def _full_text(columns: Sequence[LoadedColumn]) -> str:
    """Return what CKAN's trigger `populate_full_text_trigger` searches in a row."""
    values = [
        f"replace(CAST({table_words.quoted(column['name'])} AS text), ' ', 'T')"
        if column["type"] == "timestamp"
        else f"CAST({table_words.quoted(column['name'])} AS text)"
        for column in columns
    ]
    batches = [
        f"concat_ws(' ', {', '.join(values[start : start + _MOST_ARGUMENTS])})"
        for start in range(0, len(values), _MOST_ARGUMENTS)
    ]
    return f"concat_ws(' ', {', '.join(batches)})"


def _index_words(connection: Any, name: str, types: Mapping[str, str]) -> bool:
    """Make the index of the words of a large table; return whether it has one now."""
    index = table_words.of_columns(types)
    if index is None:
        return False
    enough = sa.text(f"SELECT count(*) FROM (SELECT FROM {_quoted(name)} LIMIT :least) r")  # noqa: S608
    if connection.execute(enough, {"least": table_words.LEAST_ROWS}).scalar() < (
        table_words.LEAST_ROWS
    ):
        return False
    longest = sa.text(f"SELECT max({table_words.length(types)}) FROM {_quoted(name)}")  # noqa: S608
    if (connection.execute(longest).scalar() or 0) > table_words.LONGEST_ROW:
        return False
    connection.execute(sa.text(f"SET LOCAL maintenance_work_mem = '{_INDEX_MEMORY}'"))
    made = _quoted(table_words.index_name(name, types))
    statement = f"CREATE INDEX {made} ON {_quoted(name)} USING gin (({index.expression}))"
    connection.execute(sa.text(statement))
    return True


def _swap(connection: Any, resource_id: str, new: str) -> None:
    """Give a table and its indexes the names of the one that it replaces."""
    connection.execute(sa.text(f"DROP TABLE IF EXISTS {_quoted(resource_id)} CASCADE"))
    before = list(connection.scalars(_INDEX_NAMES, {"name": _quoted(new)}))
    connection.execute(sa.text(f"ALTER TABLE {_quoted(new)} RENAME TO {_quoted(resource_id)}"))
    # CKAN computes the names of indexes from that of the table, and would make them again.
    for field in ("_full_text",):
        old = postgres._generate_index_name(new, _quoted(field))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        if old in before:
            name = postgres._generate_index_name(resource_id, _quoted(field))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            connection.execute(sa.text(f"ALTER INDEX {_quoted(old)} RENAME TO {_quoted(name)}"))


def _quoted(name: str) -> str:
    """Quote a name; `table_words.quoted` is for names of columns, which may have a colon."""
    return postgres.identifier(name)


def drop(resource_id: str) -> None:
    """Remove a table, as when the file that replaced its file has none."""
    tk.get_action("datastore_delete")(
        {"ignore_auth": True}, {"resource_id": resource_id, "force": True}
    )
