"""Dumps of the whole catalogue, written by a job and listed in a manifest.

Each file is a gzip-compressed document in one format. It is read from the store by a server-side
cursor, so memory does not grow with the catalogue. All files of a run come from one snapshot of the
database and have unique names. The manifest, which is written last, lists the current files, so
readers never see an incomplete file or files of different runs.
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
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.dcat.serve import catalogue_node, feed
from ckanext.nd47.dcat.serve.queries import TODAY
from ckanext.nd47.dcat.store import public, serialise
from ckanext.nd47.dcat.store.public import LISTED
from ckanext.nd47.dcat.store.serialise import Column
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates

EXTENSIONS = tuple(serialise.FORMATS)
MANIFEST = "manifest.json"
PATH = "/catalog/dump"


def folder() -> Path | None:
    """Return the folder of the dumps below CKAN's storage path, None if that is not configured."""
    storage = str(tk.config.get("ckan.storage_path") or "")
    return Path(storage) / "nd47_dcat" if storage else None


def address(extension: str) -> str:
    """Return the address of a dump file."""
    return f"{config.site_base()}{PATH}.{extension}.gz"


def addresses() -> tuple[str, ...]:
    """Return the addresses of all dump files."""
    return tuple(map(address, EXTENSIONS))


def listed() -> tuple[str, ...]:
    """Return the addresses of all dump files, empty if there is no dump."""
    path = folder()
    return addresses() if path is not None and (path / MANIFEST).is_file() else ()


def replace(path: Path, content: bytes) -> None:
    """Replace a file atomically."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


FETCH_SIZE = 200
"""Number of datasets that are fetched at a time."""

_RUNS_TO_KEEP = 2
"""Number of runs whose files are not deleted, for clients that have just read the manifest."""

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
    """A file of a dump.

    Attributes:
        name: its name, unique for each run.
        size: size in bytes.
        sha256: checksum of the compressed file.
    """

    name: str
    size: int
    sha256: str


def manifest() -> dict[str, Any] | None:
    """Return the manifest of the newest dump, None if there is none."""
    path = folder()
    try:
        return json.loads((path / MANIFEST).read_text("utf-8")) if path else None
    except (OSError, ValueError):
        return None


def is_outdated() -> bool:
    """Say whether there is a dump that was written under other settings, an old address too."""
    dump = manifest()
    return dump is not None and dump["mark"][1:] != list(catalogue_node.settings())


def write(*, always: bool = False) -> dict[str, Any] | None:
    """Write all files if the export has changed since the last dump, one process at a time.

    Args:
        always: also write if the export has not changed.

    Returns:
        The manifest, None if nothing has changed or another process is writing a dump.

    Raises:
        FileNotFoundError: the portal has no storage path.
    """
    path = folder()
    if path is None:
        msg = "the portal has no ckan.storage_path for dumps"
        raise FileNotFoundError(msg)
    path.mkdir(parents=True, exist_ok=True)
    with _snapshot() as connection:
        if not connection.execute(LOCK).scalar():
            return None
        _remove_drafts(path)
        state = connection.execute(sa.text("SELECT seq, listed FROM nd47_dcat_state")).first()
        seq, listed = (state.seq, state.listed) if state else (0, None)
        previous = manifest()
        position = str(feed.place(seq, connection.execute))
        version = [position, *catalogue_node.settings()]
        is_current = previous and previous["mark"] == version and _all_files_exist(path, previous)
        if is_current and not always:
            return None
        now = dt.datetime.now(dt.timezone.utc)
        run = now.strftime("%Y%m%dT%H%M%S%fZ")
        files = {
            extension: asdict(
                _write_file(connection, path / f"catalog-{run}.{extension}.gz", extension, listed)
            )
            for extension in EXTENSIONS
        }
        datasets = [
            {"id": row.id, "iri": row.iri, "modified": row.modified.isoformat()}
            for row in connection.execute(sa.text(_IRIS), _sql_parameters())
        ]
        current = {
            "mark": version,
            "seq": seq,
            "written": dt.datetime.now(dt.timezone.utc).isoformat(),
            "changes": f"{feed.address()}.json?after={position}",
            "files": files,
            "count": len(datasets),
            "datasets": datasets,
        }
        replace(path / MANIFEST, json.dumps(current, ensure_ascii=False).encode())
        _remove_old_runs(path)
    return current


def _sql_parameters() -> dict[str, Any]:
    return {**public.values(), "today": dates.today()}


def _all_files_exist(path: Path, manifest: dict[str, Any]) -> bool:
    return all((path / file["name"]).is_file() for file in manifest["files"].values())


@contextmanager
def _snapshot() -> Iterator[sa.Connection]:
    """Open a connection whose queries all see the same state of the database."""
    engine = model.meta.engine
    if engine is None:
        msg = "the database is not connected"
        raise RuntimeError(msg)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def _write_file(
    connection: sa.Connection, path: Path, column: Column, listed: dt.datetime | None
) -> DumpFile:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # The time in the header of gzip would make equal catalogues differ.
        with draft.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            described = catalogue_node.described(catalogue_node.settings(), addresses(), listed)
            parts = _parts(connection, column)
            packed.writelines(serialise.document(column, described, parts))
        checksum = _checksum(draft)
        size = draft.stat().st_size
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return DumpFile(path.name, size, checksum)


def _checksum(path: Path) -> str:
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sha256.update(block)
    return sha256.hexdigest()


def _parts(connection: sa.Connection, column: Column) -> Iterator[bytes]:
    """Yield the content of the store, and that each dataset belongs to the catalogue."""
    for rows in _rows(connection, _ENTRIES.format(column=column)):
        yield serialise.part(column, catalogue_node.membership(row.iri for row in rows))
        yield from (row.body.encode() for row in rows)
    for rows in _rows(connection, _NODES.format(column=column)):
        yield from (row.body.encode() for row in rows)


def _rows(connection: sa.Connection, statement: str) -> Iterator[list[Any]]:
    streaming = connection.execution_options(stream_results=True, max_row_buffer=FETCH_SIZE)
    with streaming.execute(sa.text(statement), _sql_parameters()) as result:
        for rows in result.partitions(FETCH_SIZE):
            yield list(rows)


def _remove_drafts(folder: Path) -> None:
    """Remove incomplete files of processes that were killed; the lock excludes other writers."""
    for draft in folder.glob(".*"):
        draft.unlink(missing_ok=True)


def _remove_old_runs(folder: Path) -> None:
    """Remove the files of all runs but the last ones."""
    runs = sorted({file.name.partition(".")[0] for file in folder.glob("catalog-*.gz")})
    for run in runs[:-_RUNS_TO_KEEP]:
        for file in folder.glob(f"{run}.*"):
            file.unlink(missing_ok=True)
