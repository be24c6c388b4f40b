"""The whole catalogue as files: written by a job, replaced at once, listed in a manifest.

Each file is a gzip file of one document in one format, read from the store by a cursor of the
database, so that memory does not grow with the catalogue. All files of one run come from one
snapshot. They get names of their own, and the manifest, written last, says which are current: a
reader never sees half a file, nor files of two runs together.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

import sqlalchemy as sa
from pyoxigraph import RdfFormat

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.dcat.serve import catalogue_node, feed
from ckanext.nd47.dcat.serve.queries import TODAY
from ckanext.nd47.dcat.store import public, serialise
from ckanext.nd47.dcat.store.public import LISTED
from ckanext.nd47.lib import config, dates

EXTENSIONS = ("nt", "ttl", "jsonld", "xml")
MANIFEST = "manifest.json"
PATH = "/catalog/dump"


def folder() -> Path | None:
    """Return where dumps are kept: in CKAN's storage, which all its nodes share."""
    storage = str(tk.config.get("ckan.storage_path") or "")
    return Path(storage) / "nd47_dcat" if storage else None


def address(extension: str) -> str:
    """Return the address at which a file is sent once there is a dump."""
    return f"{config.site_base()}{PATH}.{extension}.gz"


def addresses() -> tuple[str, ...]:
    """Return the addresses of all files."""
    return tuple(map(address, EXTENSIONS))


def listed() -> tuple[str, ...]:
    """Return what the catalogue can say of its dump: the addresses, or nothing yet."""
    where = folder()
    return addresses() if where is not None and (where / MANIFEST).is_file() else ()


def replace(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


FORMATS = {
    "nt": RdfFormat.N_TRIPLES,
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "xml": RdfFormat.RDF_XML,
}
FETCHED = 200
"""Datasets read at a time."""

_KEPT = 2
"""Runs whose files are kept: who has just read the manifest must still find its files."""

_ENTRIES = f"SELECT e.iri, e.{{column}} AS body FROM {LISTED} ORDER BY e.ordinal"  # noqa: S608 - constants
_NODES = f"""
    SELECT n.{{column}} AS body FROM nd47_dcat_node n
    WHERE n.key IN (SELECT unnest(e.shared || e.registered) FROM {LISTED}) AND {TODAY}
    ORDER BY n.kind, n.key
"""  # noqa: S608 - constants
LOCK = sa.text("SELECT pg_try_advisory_xact_lock(hashtext('nd47_dcat_dump'))")
_IRIS = f"SELECT e.id, e.iri, e.modified FROM {LISTED} ORDER BY e.ordinal"  # noqa: S608 - constants


@dataclass(frozen=True)
class DumpFile:
    """One file of a dump.

    Attributes:
        name: its name, which no other run uses.
        size: bytes.
        sha256: checksum of the file as it is sent.
    """

    name: str
    size: int
    sha256: str


def manifest() -> dict[str, Any] | None:
    """Return what is known of the newest dump, None when there is none."""
    where = folder()
    try:
        return json.loads((where / MANIFEST).read_text("utf-8")) if where else None
    except (OSError, ValueError):
        return None


def is_outdated() -> bool:
    """Say whether there is a dump that was written under other settings, an old address too."""
    known = manifest()
    return known is not None and known["mark"][1:] != list(catalogue_node.settings())


def write(*, always: bool = False) -> dict[str, Any] | None:
    """Write all files, where something changed since the last time; one process at a time.

    Args:
        always: also where nothing changed.

    Returns:
        The manifest, None where nothing was to be done, or another process is at it.

    Raises:
        FileNotFoundError: the portal has no storage.
    """
    where = folder()
    if where is None:
        msg = "the portal has no ckan.storage_path to keep dumps in"
        raise FileNotFoundError(msg)
    where.mkdir(parents=True, exist_ok=True)
    with _snapshot() as connection:
        if not connection.execute(LOCK).scalar():
            return None
        _remove_drafts(where)
        state = connection.execute(sa.text("SELECT seq, listed FROM nd47_dcat_state")).first()
        seq, listed = (state.seq, state.listed) if state else (0, None)
        before = manifest()
        place = str(feed.place(seq, connection.execute))
        mark = [place, *catalogue_node.settings()]
        if before and before["mark"] == mark and not always and _complete(where, before):
            return None
        run = dt.datetime.now(dt.timezone.utc).strftime("%Y%m%dT%H%M%S%fZ")
        files = {
            extension: _write_file(
                connection, where / f"catalog-{run}.{extension}.gz", form, listed
            )
            for extension, form in FORMATS.items()
        }
        datasets = [
            {"id": row.id, "iri": row.iri, "modified": row.modified.isoformat()}
            for row in connection.execute(sa.text(_IRIS), _values())
        ]
        made = {
            "mark": mark,
            "seq": seq,
            "written": dt.datetime.now(dt.timezone.utc).isoformat(),
            "changes": f"{feed.address()}.json?after={place}",
            "files": {extension: asdict(file) for extension, file in files.items()},
            "count": len(datasets),
            "datasets": datasets,
        }
        replace(where / MANIFEST, json.dumps(made, ensure_ascii=False).encode())
        _tidy(where)
    return made


def _values() -> dict[str, Any]:
    return {**public.values(), "today": dates.today()}


def _complete(where: Path, known: dict[str, Any]) -> bool:
    return all((where / one["name"]).is_file() for one in known["files"].values())


@contextmanager
def _snapshot() -> Iterator[sa.Connection]:
    """Open a connection that sees the database as it is now, until it is closed."""
    engine = model.meta.engine
    if engine is None:
        msg = "the database is not connected"
        raise RuntimeError(msg)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def _write_file(
    connection: sa.Connection, path: Path, form: RdfFormat, listed: dt.datetime | None
) -> DumpFile:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # The time in the header of gzip would make equal catalogues differ.
        with draft.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            _write_document(connection, cast("IO[bytes]", packed), form, listed)
        digest = _checksum(draft)
        size = draft.stat().st_size
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return DumpFile(path.name, size, digest)


def _checksum(path: Path) -> str:
    made = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            made.update(block)
    return made.hexdigest()


def _write_document(
    connection: sa.Connection, out: IO[bytes], form: RdfFormat, listed: dt.datetime | None
) -> None:
    described = catalogue_node.described(catalogue_node.settings(), addresses(), listed)
    serialise.write(out, form, described, _parts(connection, form))


def _parts(connection: sa.Connection, form: RdfFormat) -> Iterator[str]:
    """Yield the content of the store, and that each dataset belongs to the catalogue."""
    column = serialise.column(form)
    membership = serialise.turtle_part if column == "ttl" else serialise.ntriples
    for rows in _rows(connection, _ENTRIES.format(column=column)):
        yield membership(catalogue_node.membership(row.iri for row in rows))
        yield "".join(row.body for row in rows)
    for rows in _rows(connection, _NODES.format(column=column)):
        yield "".join(row.body for row in rows)


def _rows(connection: sa.Connection, statement: str) -> Iterator[list[Any]]:
    streamed = connection.execution_options(stream_results=True, max_row_buffer=FETCHED)
    with streamed.execute(sa.text(statement), _values()) as result:
        for rows in result.partitions(FETCHED):
            yield list(rows)


def _remove_drafts(where: Path) -> None:
    """Remove what processes that were killed have left; nobody else writes now."""
    for path in where.glob(".*"):
        path.unlink(missing_ok=True)


def _tidy(where: Path) -> None:
    """Remove files of runs before the last ones."""
    runs = sorted({path.name.partition(".")[0] for path in where.glob("catalog-*.gz")})
    for run in runs[:-_KEPT]:
        for path in where.glob(f"{run}.*"):
            path.unlink(missing_ok=True)
