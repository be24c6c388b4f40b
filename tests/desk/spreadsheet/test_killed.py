"""A table with files whose process is killed loses nothing, makes no doubles, and is continued."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.lib import uploader

from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.bulk.job import saving, steps
from ckanext.nd47.desk.spreadsheet import saving as files
from ckanext.nd47.lib.files import uploads
from tests.dcat.store.test_processes import ended, forked
from tests.desk.bulk.test_killed import killing
from tests.desk.conftest import World
from tests.desk.spreadsheet.spreadsheets import (
    FILE_HEADER,
    HEADER,
    OWN,
    Run,
    apply,
    archive,
    book,
    number_of_datasets,
    outcomes,
    preview,
    show,
    stored,
    undo,
)

TITLES = ["Giá đất", "Giá nhà", "Giá điện", "Giá nước"]
OLD, NEW = b"ten\ncu\n", b"ten\nmoi\n"


@pytest.fixture(autouse=True)
def no_runs(world: World) -> Iterator[None]:
    """Delete the runs of a test."""
    yield
    model.Session.rollback()
    model.Session.execute(sa.delete(tables.Run))
    model.Session.commit()


def send(world: World, content: bytes) -> Run:
    rows = [[title, OWN, "Hằng năm"] for title in TITLES]
    listed = [[title, f"{number}.csv", ""] for number, title in enumerate(TITLES)]
    zipped = archive({f"{number}.csv": content for number in range(len(TITLES))})
    return preview(world, book([HEADER, *rows], [FILE_HEADER, *listed]), zipped)


def contents() -> list[bytes]:
    """Return the stored files of the datasets, in the order of the table."""
    found: list[bytes] = []
    for title in TITLES:
        (resource,) = stored(title)["resources"]
        content: Any = uploads.content(resource)
        found.append(content[1].read_bytes())
    return found


def before_a_file_is_stored() -> None:
    killing(files, "opened")


def after_a_file_is_stored() -> None:
    killing(uploader.ResourceUpload, "upload", afterwards=True)


def before_the_dataset_is_saved() -> None:
    killing(saving, "save")


def after_the_commit() -> None:
    killing(saving, "save", afterwards=True)


def between_two_datasets() -> None:
    killing(steps, "apply_next", afterwards=True)
    killing(steps, "undo_next", afterwards=True)


FAULTS = (
    before_a_file_is_stored,
    after_a_file_is_stored,
    before_the_dataset_is_saved,
    after_the_commit,
    between_two_datasets,
)


def kill(fault: Callable[[], None], job: Callable[[str], None], run_id: str) -> None:
    def work() -> None:
        fault()
        job(run_id)

    assert ended(forked(work)) == -signal.SIGKILL


@pytest.mark.parametrize("fault", FAULTS)
def test_new_datasets_with_files_are_all_there_once(world, fault):
    run = send(world, NEW)
    assert outcomes(run) == ["new"] * len(TITLES)
    world.call("editor", "nd47_bulk_apply", id=run["id"])
    kill(fault, changes.apply, run["id"])
    assert 0 < number_of_datasets() < len(TITLES)
    changes.apply(run["id"])
    assert show(world, run)["progress"]["state"] == "finished"
    assert number_of_datasets() == len(TITLES)
    assert contents() == [NEW] * len(TITLES)


@pytest.mark.parametrize("fault", FAULTS)
def test_replaced_files_come_back_although_the_process_was_killed(world, fault):
    apply(world, send(world, OLD))
    run = send(world, NEW)
    assert outcomes(run) == ["changed"] * len(TITLES)
    world.call("editor", "nd47_bulk_apply", id=run["id"])
    kill(fault, changes.apply, run["id"])
    changes.apply(run["id"])
    assert contents() == [NEW] * len(TITLES)
    assert undo(world, run)["progress"]["state"] == "undone"
    assert contents() == [OLD] * len(TITLES)
