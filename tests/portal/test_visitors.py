"""Visitors' pages load a small style and script; those of logged-in users load CKAN's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from webassets.bundle import Bundle

import ckan.plugins.toolkit as tk
from ckan.lib import webassets_tools
from ckan.tests import factories

from ckanext.nd47.lib import config
from ckanext.nd47.portal import visitors

CKANS = ("_main.css", "_jquery.js", "_vendor.js", "_bootstrap.js", "_fontawesome.css", "_htmx.js")
PATHS = ("/", "/dataset/", "/organization/", "/about", "/user/login")


def loaded_files(page: Any) -> list[str]:
    """Return the addresses of the styles and scripts of a page."""
    tags = page.select("link[rel=stylesheet], script[src]")
    return [tag.get("href") or tag.get("src") for tag in tags]


def of_ckan(files: list[str]) -> list[str]:
    return [file for file in files if file.endswith(CKANS)]


@pytest.fixture
def foreign(request: pytest.FixtureRequest, tmp_path: Path, app: Any) -> Iterator[str]:
    """An asset of another plugin."""
    name = f"another/{uuid4().hex}"
    content = tmp_path / f"another{request.param}"
    content.write_text("/* of another plugin */", encoding="utf-8")
    bundle = Bundle(str(content), output=f"another/%(version)s{request.param}", extra={})
    webassets_tools.env.register(name, bundle)
    yield name
    # webassets forgets nothing by itself
    del webassets_tools.env._named_bundles[name]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


@pytest.fixture
def visit(app: Any) -> Iterator[None]:
    """The request of a visitor."""
    with app.flask_app.test_request_context("/"):
        yield


@pytest.mark.parametrize("path", PATHS)
def test_visitor_loads_the_small_bundle(browse, create, path):
    create()
    files = loaded_files(browse(path))
    assert of_ckan(files) == []
    assert [file for file in files if file.endswith("_visitors.css")]


def test_dataset_and_file_load_the_small_bundle(browse, create):
    dataset = create()
    page = f"/dataset/{dataset['name']}"
    for path in (page, f"{page}/resource/{dataset['resources'][0]['id']}"):
        assert of_ckan(loaded_files(browse(path))) == []


def test_error_page_loads_the_small_bundle(app):
    answer = app.get("/dataset/there-is-none", status=404)
    assert of_ckan(loaded_files(BeautifulSoup(answer.body, "html.parser"))) == []


def test_names_of_the_files_change_with_their_content(browse):
    names = [file.rpartition("/")[2] for file in loaded_files(browse("/"))]
    assert names
    assert all(len(name.partition("_")[0]) == 8 for name in names), names


def test_logged_in_user_loads_ckans_bundle(app, browse):
    token = factories.UserWithToken()["token"]
    page = browse("/dataset/", headers={"Authorization": token})
    files = loaded_files(page)
    assert len(of_ckan(files)) == len(CKANS)
    assert not [file for file in files if file.endswith("_visitors.css")]


def test_portal_can_keep_ckans_bundle(browse, monkeypatch):
    monkeypatch.setitem(tk.config, config.PORTAL_LIGHT, False)
    assert len(of_ckan(loaded_files(browse("/dataset/")))) == len(CKANS)


def test_page_can_be_read_without_scripts(browse, create):
    dataset = create(title="Danh sách chợ")
    page = browse("/dataset/?q=cho")
    for script in page.select("script"):
        script.decompose()
    assert page.select_one(f'a[href$="/dataset/{dataset["name"]}"]')
    assert page.select_one("form.search-form button[type=submit]")


@pytest.mark.usefixtures("visit")
class TestAssetsOfOtherPlugins:
    @pytest.mark.parametrize("foreign", [".css"], indirect=True)
    def test_style_is_loaded_after_ours(self, foreign):
        visitors.begin()
        webassets_tools.include_asset(foreign)
        visitors.finish()
        first, second = tk.g._webassets["style"]
        assert first.endswith("_visitors.css")
        assert "/another/" in second
        assert of_ckan(tk.g._webassets["script"]) == []

    @pytest.mark.parametrize("foreign", [".js"], indirect=True)
    def test_script_brings_ckans_scripts(self, foreign):
        visitors.begin()
        webassets_tools.include_asset(foreign)
        visitors.finish()
        scripts = tk.g._webassets["script"]
        assert of_ckan(scripts)
        assert "/another/" in scripts[-1]

    def test_nothing_else_brings_them(self):
        visitors.begin()
        visitors.finish()
        assert of_ckan(tk.g._webassets["script"]) == []
