"""Tables of datasets that people send: their files, at addresses and from a ZIP."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.spreadsheet.files import archive as archives
from ckanext.nd47.desk.spreadsheet.model import Chunk
from tests.desk.spreadsheet.spreadsheets import (
    CSV_FILE,
    FILE_HEADER,
    HEADER,
    SCHOOLS,
    Run,
    apply,
    archive,
    book,
    brought,
    content,
    no_runs,
    number_of_datasets,
    outcomes,
    preview,
    refusals,
    stored,
    undo,
)

__all__ = ["no_runs"]


class TestFiles:
    def test_at_an_address_are_added_to_new_datasets(self, world):
        address = "https://du-lieu.example/truong.csv"
        files = [FILE_HEADER, [SCHOOLS[0], address, "Danh sách"]]
        run = brought(world, book([HEADER, SCHOOLS], files))
        (resource,) = stored(SCHOOLS[0])["resources"]
        assert (resource["url"], resource["name"]) == (address, "Danh sách")
        assert resource["format"] == "CSV"
        assert outcomes(run) == ["new"]

    def test_are_added_to_datasets_that_are_there(self, world, create):
        dataset = create(
            title="Giá đất", resources=[{"url": "https://a.example/1.csv", "name": "Một"}]
        )
        files = [FILE_HEADER, [dataset["identifier"], "https://a.example/2.csv", "Hai"]]
        run = brought(world, book([["Không có bảng"]], files))
        assert outcomes(run) == ["changed"]
        names = [resource["name"] for resource in stored("Giá đất")["resources"]]
        assert names == ["Một", "Hai"]

    @pytest.mark.parametrize("name", ["Danh sách", ""])
    def test_at_an_address_with_blanks_are_the_same_the_next_time(self, world, name):
        address = "https://du-lieu.example/dữ liệu/bảng 1.csv"
        table = book([HEADER, SCHOOLS], [FILE_HEADER, [SCHOOLS[0], address, name]])
        brought(world, table)
        assert outcomes(preview(world, table)) == ["same"]
        (resource,) = stored(SCHOOLS[0])["resources"]
        assert resource["url"] == "https://du-lieu.example/dữ%20liệu/bảng%201.csv"

    def test_from_a_zip_are_stored_with_their_checksum(self, world):
        files = [FILE_HEADER, [SCHOOLS[0], "Trường học.csv", ""]]
        zipped = archive({"thư mục/Trường học.csv": CSV_FILE, "khác.txt": b"x"})
        run = brought(world, book([HEADER, SCHOOLS], files), zipped)
        assert outcomes(run) == ["new"]
        (resource,) = stored(SCHOOLS[0])["resources"]
        assert content(resource) == CSV_FILE
        assert resource["url"].endswith("/truong-hoc.csv")
        assert resource["size"] == len(CSV_FILE)
        assert len(resource["checksum"]) == 64  # noqa: PLR2004 - SHA-256
        assert resource["name"] == "Trường học"
        assert model.Session.scalar(sa.select(sa.func.count()).select_from(Chunk)) == 0

    def test_from_a_zip_are_added_to_datasets_that_are_there(self, world, create):
        create(title="Giá đất")
        files = [FILE_HEADER, ["Giá đất", "gia.csv", "Giá"]]
        brought(world, book([["Tên"], ["Giá đất"]], files), archive({"gia.csv": CSV_FILE}))
        (resource,) = stored("Giá đất")["resources"]
        assert content(resource) == CSV_FILE

    def test_that_are_there_already_are_the_same(self, world):
        files = [FILE_HEADER, [SCHOOLS[0], "truong.csv", ""]]
        table, zipped = book([HEADER, SCHOOLS], files), archive({"truong.csv": CSV_FILE})
        brought(world, table, zipped)
        assert outcomes(preview(world, table, zipped)) == ["same"]
        assert outcomes(preview(world, table)) == ["same"]

    def test_are_replaced_at_their_address_and_come_back(self, world):
        files = [FILE_HEADER, [SCHOOLS[0], "truong.csv", ""]]
        table = book([HEADER, SCHOOLS], files)
        brought(world, table, archive({"truong.csv": CSV_FILE}))
        (before,) = stored(SCHOOLS[0])["resources"]
        run = brought(world, table, archive({"truong.csv": b"ten\nb\n"}))
        (after,) = stored(SCHOOLS[0])["resources"]
        assert (after["id"], content(after)) == (before["id"], b"ten\nb\n")
        assert after["checksum"] != before["checksum"]
        undo(world, run)
        (restored,) = stored(SCHOOLS[0])["resources"]
        assert content(restored) == CSV_FILE
        assert restored["checksum"] == before["checksum"]

    @pytest.mark.parametrize(
        ("file", "heading"),
        [
            (["Không có", "a.csv", ""], "Bộ dữ liệu"),
            (["", "a.csv", ""], "Bộ dữ liệu"),
            ([SCHOOLS[0], "khong-co.csv", ""], "Tệp hoặc địa chỉ"),
            ([SCHOOLS[0], "", "Tên"], "Tệp hoặc địa chỉ"),
            ([SCHOOLS[0], "https://", ""], "Tệp hoặc địa chỉ"),
            ([SCHOOLS[0], "../../etc/passwd", ""], "Tệp hoặc địa chỉ"),
        ],
    )
    def test_that_are_wrong_are_refused_by_cell(self, world, file, heading):
        table = book([HEADER, SCHOOLS], [FILE_HEADER, file])
        run = preview(world, table, archive({"a.csv": CSV_FILE}))
        assert (2, heading) in {(row, name) for row, _, name in refusals(run)}

    def test_of_datasets_of_another_agency_are_refused(self, world, create):
        dataset = create("foreign", title="Bệnh viện")
        files = [FILE_HEADER, [dataset["identifier"], "https://a.example/2.csv", ""]]
        run = preview(world, book([["Không"]], files))
        assert outcomes(run) == ["refused"]

    def test_are_never_fetched(self, world, monkeypatch):
        def forbidden(*_given: Any, **_named: Any) -> None:
            pytest.fail("an address was fetched")

        monkeypatch.setattr("requests.sessions.Session.get", forbidden)
        files = [FILE_HEADER, [SCHOOLS[0], "http://127.0.0.1:1/a.csv", ""]]
        assert outcomes(preview(world, book([HEADER, SCHOOLS], files))) == ["new"]


class TestArchives:
    def send(self, world: Any, zipped: bytes, name: str = "a.csv") -> Run:
        files = [FILE_HEADER, [SCHOOLS[0], name, ""]]
        return preview(world, book([HEADER, SCHOOLS], files), zipped)

    @pytest.mark.parametrize("name", ["../../../a.csv", "/etc/a.csv", "C:\\a.csv", "x/../a.csv"])
    def test_with_paths_out_of_their_folder_lead_nowhere(self, world, name):
        run = apply(world, self.send(world, archive({name: CSV_FILE})))
        assert outcomes(run) == ["new"]
        (resource,) = stored(SCHOOLS[0])["resources"]
        assert resource["url"].endswith("/a.csv")
        assert content(resource) == CSV_FILE

    def test_with_an_entry_that_is_too_large_are_refused_by_cell(self, world):
        run = self.send(world, archive({"a.csv": b"\0" * (11 * 2**20)}))
        assert refusals(run) == [(2, "B", "Tệp hoặc địa chỉ")]

    def test_that_say_less_than_they_hold_are_counted_while_they_are_read(self, world, monkeypatch):
        monkeypatch.setattr(archives, "LARGEST_UNPACKED", 2**20)
        bomb = bytearray(archive({"a.csv": b"\0" * (5 * 2**20)}))
        # The size in the directory and in front of the entry.
        size = (5 * 2**20).to_bytes(4, "little")
        assert bomb.count(size) == 2  # noqa: PLR2004 - both places
        run = self.send(world, bytes(bomb.replace(size, (10).to_bytes(4, "little"))))
        assert outcomes(run) == ["refused"]

    @pytest.mark.parametrize(
        "zipped",
        [b"PK\x03\x04 broken", b"not a ZIP", archive({"a.csv": CSV_FILE})[:40]],
        ids=["broken", "text", "cut"],
    )
    def test_that_are_broken_are_refused(self, world, zipped):
        with pytest.raises(tk.ValidationError) as caught:
            self.send(world, zipped)
        assert list(caught.value.error_dict) == ["files"]

    def test_with_too_many_files_are_refused(self, world, monkeypatch):
        monkeypatch.setattr(archives, "MOST_ENTRIES", 2)
        with pytest.raises(tk.ValidationError):
            self.send(world, archive({f"{number}.csv": b"x" for number in range(3)}))

    def test_with_two_files_of_one_name_need_the_folder(self, world):
        zipped = archive({"một/a.csv": CSV_FILE, "hai/a.csv": b"x"})
        assert outcomes(self.send(world, zipped)) == ["refused"]
        assert outcomes(self.send(world, zipped, "hai/a.csv")) == ["new"]


def test_files_go_with_their_run(world):
    files = [FILE_HEADER, [SCHOOLS[0], "truong.csv", ""]]
    preview(world, book([HEADER, SCHOOLS], files), archive({"truong.csv": CSV_FILE}))
    chunks = sa.select(sa.func.count()).select_from(Chunk)
    assert model.Session.scalar(chunks) == 1
    model.Session.execute(sa.delete(tables.Run))
    model.Session.commit()
    assert model.Session.scalar(chunks) == 0


def test_files_of_a_table_that_nobody_applies_are_deleted_after_a_week(world):
    files = [FILE_HEADER, [SCHOOLS[0], "truong.csv", ""]]
    table, zipped = book([HEADER, SCHOOLS], files), archive({"truong.csv": CSV_FILE})
    old = preview(world, table, zipped)
    long_ago = tables.now() - dt.timedelta(days=8)
    model.Session.execute(sa.update(tables.Run).values(created=long_ago))
    model.Session.commit()
    new = preview(world, table, zipped)
    assert model.Session.scalars(sa.select(Chunk.run_id)).all() == [new["id"]]
    # The officer is told so, and nothing is saved without its file.
    assert outcomes(apply(world, old)) == ["refused"]
    assert number_of_datasets() == 0
