"""Size, media type and checksum of uploaded files."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from ckan.tests.helpers import call_action

from ckanext.nd47.metadata import files

CONTENT = "ten,so\nTrường Tiểu học Hòa Bình,12\n".encode()
SUM = hashlib.sha256(CONTENT).hexdigest()


def upload(content: bytes = CONTENT, name: str = "truong.csv") -> FileStorage:
    return FileStorage(io.BytesIO(content), name)


class TestNote:
    @pytest.mark.parametrize("file", [upload(), io.BytesIO(CONTENT)])
    def test_file_is_summed_and_left_where_it_stood(self, file):
        file.seek(3)
        dataset: dict[str, Any] = {"resources": [{"upload": file}]}
        files.add_checksums(dataset)
        assert dataset["resources"][0]["checksum"] == SUM
        assert file.tell() == 3

    def test_large_file_is_read_in_blocks(self):
        content = b"x" * (2 * files.BLOCK + 1)
        assert files.sha256(io.BytesIO(content)) == hashlib.sha256(content).hexdigest()

    @pytest.mark.parametrize(
        "dataset",
        [
            {},
            {"resources": None},
            {"resources": []},
            {"resources": ["x"]},
            {"resources": [{"upload": ""}]},
            {"resources": [{"upload": "a.csv", "checksum": "given"}]},
            {"resources": [{"url": "https://a.example/x.csv", "checksum": "given"}]},
        ],
    )
    def test_nothing_changes_without_a_file(self, dataset):
        before = [dict(r) for r in dataset.get("resources") or [] if isinstance(r, dict)]
        files.add_checksums(dataset)
        assert [r for r in dataset.get("resources") or [] if isinstance(r, dict)] == before


@pytest.mark.usefixtures("portal")
class TestUpload:
    @pytest.fixture
    def resource(self, create) -> dict[str, Any]:
        made = create(state="draft")
        return call_action(
            "resource_create", package_id=made["id"], name="Danh sách", upload=upload()
        )

    def test_notes_size_type_format_and_checksum(self, resource):
        assert resource["checksum"] == SUM
        assert resource["size"] == len(CONTENT)
        assert (resource["format"], resource["mimetype"]) == ("CSV", "text/csv")

    def test_new_file_has_a_new_checksum(self, resource):
        changed = call_action(
            "resource_patch", id=resource["id"], upload=upload(b"khac\n"), url="moi.csv"
        )
        assert changed["checksum"] == hashlib.sha256(b"khac\n").hexdigest()

    def test_edit_without_a_file_keeps_the_checksum(self, resource):
        assert call_action("resource_patch", id=resource["id"], name="Tên khác")["checksum"] == SUM

    def test_address_in_place_of_the_file_ends_the_checksum(self, resource):
        changed = call_action(
            "resource_patch", id=resource["id"], url="https://a.example/x.csv", url_type=""
        )
        assert not changed.get("checksum")

    def test_checksum_of_an_address_stays_as_given(self, create):
        made = create(
            state="draft", resources=[{"url": "https://a.example/x.csv", "hash": "a" * 64}]
        )
        assert made["resources"][0]["hash"] == "a" * 64
