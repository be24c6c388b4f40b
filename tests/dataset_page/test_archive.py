"""All files of a dataset come as one ZIP, to who may download them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from ckan.lib.uploader import get_resource_uploader
from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.dataset_page.conftest import Create

pytestmark = pytest.mark.usefixtures("portal")

CONTENTS = {"Dân số 2024.csv": b"xa,dan_so\nKy Lam,12\n", "đất đai.geojson": b"{}"}


def upload(dataset: dict[str, Any], name: str, content: bytes, user: str) -> dict[str, Any]:
    file = FileStorage(io.BytesIO(content), filename=name)
    return call_action(
        "resource_create",
        {"user": user},
        package_id=dataset["id"],
        name=name,
        url=name,
        upload=file,
    )


@pytest.fixture(scope="module")
def dataset(create: Create, sysadmin: str) -> dict[str, Any]:
    made = create(resources=[{"name": "Ở nơi khác", "url": "https://xa.example/a.csv"}])
    for name, content in CONTENTS.items():
        upload(made, name, content, sysadmin)
    return call_action("package_show", id=made["id"])


def opened(response: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(response.get_data()))


def test_it_has_every_uploaded_file_unchanged(app, dataset):
    response = app.get(f"/dataset/{dataset['name']}/files.zip", status=200)
    archive = opened(response)
    assert archive.testzip() is None
    contents = [archive.read(name) for name in sorted(archive.namelist()) if "README" not in name]
    assert contents == list(CONTENTS.values())


def test_its_length_is_known_beforehand(app, dataset):
    response = app.get(f"/dataset/{dataset['name']}/files.zip")
    assert int(response.headers["Content-Length"]) == len(response.get_data())


def test_it_names_source_licence_and_the_files_elsewhere(app, dataset):
    archive = opened(app.get(f"/vi/dataset/{dataset['name']}/files.zip"))
    told = archive.read(f"{dataset['name']}/README.txt").decode()
    assert dataset["title"] in told
    assert "Sở Giáo dục và Đào tạo" in told
    assert "https://xa.example/a.csv" in told


def test_names_in_it_cannot_leave_its_folder(app, create, sysadmin):
    made = create()
    for name in ("../../etc/passwd", "C:\\x\\y.csv"):
        upload(made, name, b"x", sysadmin)
    names = opened(app.get(f"/dataset/{made['name']}/files.zip")).namelist()
    assert len(names) == 3
    assert all(name.startswith(f"{made['name']}/") and ".." not in name for name in names)


def test_a_file_that_the_storage_lost_is_left_out(app, create, sysadmin):
    made = create()
    lost, _ = (upload(made, name, b"x", sysadmin) for name in ("a.csv", "b.csv"))
    Path(get_resource_uploader({**lost}).get_path(lost["id"])).unlink()
    names = opened(app.get(f"/dataset/{made['name']}/files.zip")).namelist()
    assert sorted(name.rpartition("/")[2] for name in names) == ["02-b.csv", "README.txt"]


def test_without_uploaded_files_there_is_none(app, create):
    made = create(resources=[{"url": "https://xa.example/a.csv"}])
    app.get(f"/dataset/{made['name']}/files.zip", status=404)


@pytest.mark.parametrize("fields", [{"private": True}, {"state": "draft"}])
def test_of_a_hidden_dataset_nobody_learns(app, create, sysadmin, fields):
    made = create(**fields)
    upload(made, "a.csv", b"x", sysadmin)
    app.get(f"/dataset/{made['name']}/files.zip", status=404)


def test_its_editor_downloads_that_of_a_private_dataset(app, create, sysadmin, agency):
    made = create(private=True)
    upload(made, "a.csv", b"x", sysadmin)
    editor = factories.User()
    call_action(
        "organization_member_create", id=agency["id"], username=editor["name"], role="editor"
    )
    headers = {"Authorization": factories.APIToken(user=editor["name"])["token"]}
    app.get(f"/dataset/{made['name']}/files.zip", headers=headers, status=200)


def test_the_page_offers_it_from_two_files_on(browse, create, sysadmin, dataset):
    single = create()
    upload(single, "a.csv", b"x", sysadmin)
    selector = "a[href$='/files.zip']"
    assert not browse(f"/vi/dataset/{single['name']}").select(selector)
    assert browse(f"/vi/dataset/{dataset['name']}").select(selector)
