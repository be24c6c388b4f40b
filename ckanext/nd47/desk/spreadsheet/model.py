"""Files of a run of the spreadsheet: those to be saved, and former ones until it is undone.

They wait in the database, in pieces: each node of the portal can read them, nobody can download
them, and they go with their run.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable
from typing import IO, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ckan import model
from ckan.model.meta import registry

from ckanext.nd47.desk.bulk.model import PLANNED, Run, now

IN_MEMORY = 2**20
"""Bytes of a file that are held in memory; longer files are on the disk while they are read."""

WAITING = dt.timedelta(days=7)
"""Files of a run that was not applied are deleted after this time."""

NEW, FORMER = "new:", "former:"
"""Start of the keys of files from the ZIP, and of files that were replaced."""


@registry.mapped_as_dataclass(kw_only=True)
class Chunk:
    """A piece of a file.

    Args:
        run_id: the run.
        file: key of the file.
        position: place of the piece, from 0.
        content: its bytes.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_spreadsheet_chunk"
    __table_args__ = (
        sa.PrimaryKeyConstraint("run_id", "file", "position", name="pk_nd47_spreadsheet_chunk"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["nd47_bulk_run.id"],
            name="fk_nd47_spreadsheet_chunk_run_id",
            ondelete="CASCADE",
        ),
    )

    run_id: Mapped[str] = mapped_column(sa.Text)
    file: Mapped[str] = mapped_column(sa.Text)
    position: Mapped[int] = mapped_column(sa.Integer)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


def store(run_id: str, file: str, chunks: Iterable[bytes]) -> None:
    """Store a file in the transaction of the caller."""
    for position, content in enumerate(chunks):
        row = {"run_id": run_id, "file": file, "position": position, "content": content}
        model.Session.execute(sa.insert(Chunk).values(row))


def store_once(run_id: str, file: str, chunks: Iterable[bytes]) -> None:
    """Store a file in a transaction of its own, unless there is one with the same key.

    What replaces the file may be on the disk before the transaction of the caller ends; after a
    crash in between, the file on the disk is no longer the former one.
    """
    if model.Session.scalar(
        sa.select(sa.exists().where(Chunk.run_id == run_id, Chunk.file == file))
    ):
        return
    with model.ensure_engine().begin() as connection:
        for position, content in enumerate(chunks):
            row = {"run_id": run_id, "file": file, "position": position, "content": content}
            connection.execute(sa.insert(Chunk).values(row))


def opened(run_id: str, file: str) -> IO[bytes] | None:
    """Return a stored file, None if it is not there."""
    positions = sa.select(Chunk.position).where(Chunk.run_id == run_id, Chunk.file == file)
    stored = model.Session.scalars(positions.order_by(Chunk.position)).all()
    if not stored:
        return None
    content: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    for position in stored:
        piece = sa.select(Chunk.content).where(
            Chunk.run_id == run_id, Chunk.file == file, Chunk.position == position
        )
        content.write(model.Session.scalars(piece).one())
    content.seek(0)
    return content


def forget(run_id: str, start: str) -> None:
    """Delete the files of a run whose keys start with a text, and commit."""
    _delete(Chunk.run_id == run_id, Chunk.file.startswith(start, autoescape=True))
    model.Session.commit()


def forget_unused() -> None:
    """Delete the files of runs that nobody has applied for some days."""
    unused = sa.select(Run.id).where(Run.state == PLANNED, Run.created < now() - WAITING)
    _delete(Chunk.run_id.in_(unused), Chunk.file.startswith(NEW, autoescape=True))


def _delete(*conditions: sa.ColumnElement[bool]) -> None:
    model.Session.execute(
        sa.delete(Chunk).where(*conditions).execution_options(synchronize_session=False)
    )
