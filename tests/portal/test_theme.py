"""A portal with a theme of its own in the place of `nd47_portal` loses nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ckan.plugins as p
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from tests.metadata.conftest import browse, without_rules
from tests.portal import theme
from tests.support.databases import empty_database
from tests.support.loaded import client, only

__all__ = ["browse", "without_rules"]

PLUGINS = f"{theme.NAME} nd47 nd47_l10n scheming_datasets scheming_organizations"
PAGES = (
    "/",
    "/dataset/",
    "/dataset/?q=truong&vocab_nd47_theme=giao-duc",
    "/dataset/truong-hoc",
    "/dataset/truong-hoc/data-history",
    "/field",
    "/field/giao-duc",
    "/organization/",
    "/organization/so-giao-duc",
    "/focal-points",
    "/vocabulary",
    "/vocabulary/frequency",
    "/license/vn-open-data-2023",
    "/about",
)
OF_THE_PORTAL = (
    "/terms-of-use",
    "/accessibility",
    "/contact",
    "/developers",
    "/sitemap.xml",
    "/api/nd47/openapi.json",
)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The theme, installed as a package of its own, and the suite with a dataset."""
    folder: Path = tmp_path_factory.mktemp("installed")
    described = folder / "hai_son_theme-1.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: hai-son-theme\nVersion: 1\n")
    (described / "entry_points.txt").write_text(theme.ENTRY_POINTS)
    # It stays installed: plugins remain loaded until a module needs others.
    sys.path.append(str(folder))
    with only(PLUGINS):
        empty_database()
        yield


@pytest.fixture(scope="module")
def app(portal: None) -> CKANTestApp:
    """A client of the portal."""
    return client(PLUGINS)


@pytest.fixture(scope="module", autouse=True)
def dataset(portal: None) -> dict[str, Any]:
    """A dataset of a department."""
    agency = factories.Organization(
        name="so-giao-duc", title="Sở Giáo dục và Đào tạo", identifier="H99.02"
    )
    return call_action(
        "package_create",
        name="truong-hoc",
        title="Danh sách trường học",
        owner_org=agency["id"],
        theme=["giao-duc"],
        resources=[{"url": "https://haison.example/truong.csv", "format": "CSV"}],
    )


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_page_answers_in_the_theme(browse: Callable[..., Any], path: str, language: str):
    page = browse(f"/{language}{path}")
    assert page.html["lang"] == language
    assert page.select(".hai-son-head")
    assert page.select(".nd47-head, .nd47-foot, .nd47-hero") == []


def test_home_page_is_that_of_the_theme(browse: Callable[..., Any]):
    assert browse("/vi/").h1.get_text() == "Trang chủ của tỉnh Hải Sơn"


@pytest.mark.parametrize("path", OF_THE_PORTAL)
def test_page_of_the_plugin_is_not_there(app: CKANTestApp, path: str):
    assert not p.plugin_loaded("nd47_portal")
    app.get(path, status=404)


def test_lists_and_facets_are_there(browse: Callable[..., Any]):
    page = browse("/vi/dataset/?vocab_nd47_theme=giao-duc")
    assert "Danh sách trường học" in page.select_one(".dataset-item").get_text()
    assert "Giáo dục đào tạo" in page.select_one(".nd47-filters").get_text()
    assert "Sở Giáo dục và Đào tạo" in page.select_one(".nd47-listed").get_text()


def test_dataset_page_has_all_its_parts(browse: Callable[..., Any]):
    page = browse("/vi/dataset/truong-hoc")
    for part in (".nd47-panel", ".nd47-citation", ".nd47-dataset-actions", '[href$="/giao-duc"]'):
        assert page.select(part), part


def test_field_has_its_dataset_and_agency(browse: Callable[..., Any]):
    text = browse("/vi/field/giao-duc").select_one(".nd47-fields-page").get_text()
    assert "Danh sách trường học" in text
    assert "Sở Giáo dục và Đào tạo" in text


def test_errors_lead_on(browse: Callable[..., Any]):
    page = browse("/vi/dataset/khong-co", status=404)
    assert page.select("#nd47-error-search")


def test_feeds_are_in_vietnamese(app: Any):
    assert "Bộ dữ liệu mới hoặc mới cập nhật" in app.get("/vi/feeds/dataset.atom").body


def test_api_gives_the_same(app: Any, dataset: dict[str, Any]):
    answer = json.loads(app.get("/api/3/action/package_show?id=truong-hoc", status=200).body)
    assert answer["result"]["theme"] == ["giao-duc"]
    assert answer["result"]["id"] == dataset["id"]
