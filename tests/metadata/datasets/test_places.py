"""Former and current units of one area lead to each other in searches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from tests.metadata.conftest import PROPOSED

pytestmark = pytest.mark.usefixtures("portal")

PLACE = "vocab_nd47_place"

CURRENT = """
id: commune
title: {vi: "Xã, phường", en: "Communes"}
source: Danh mục của cổng
status: verified
terms:
- code: "00101"
  label: {vi: Xã Nậm Khuê, en: Nam Khue Commune}
  status: verified
- code: "00102"
  label: {vi: Phường Đông Phố, en: Dong Pho Ward}
  status: verified
"""
FORMER = """
id: commune-old
title: {vi: "Xã, phường trước sắp xếp", en: "Former communes"}
source: Danh mục của cổng
status: verified
successor_in: commune
terms:
- code: cu-00201
  label: {vi: Xã Nậm Thượng, en: Nam Thuong Commune}
  status: verified
  valid_to: "2025-06-30"
  successor: "00101"
- code: cu-00202
  label: {vi: Xã Nậm Hạ, en: Nam Ha Commune}
  status: verified
  valid_to: "2025-06-30"
  successor: "00101"
- code: cu-00203
  label: {vi: Xã Chia Đôi, en: Chia Doi Commune}
  status: verified
  valid_to: "2025-06-30"
  successor: ["00101", "00102"]
- code: cu-00204
  label: {vi: Xã Nậm Cổ, en: Nam Co Commune}
  status: verified
  valid_to: "2020-12-31"
  successor: commune-old/cu-00201
"""

DATASETS: dict[str, dict[str, Any]] = {
    "nam-khue": {"uri": "00101"},
    "dong-pho": {"text": "Phường Đông Phố"},
    "nam-thuong": {"text": "Xã Nậm Thượng"},
    "chia-doi": {"text": "Xã Chia Đôi"},
    "nam-co": {"text": "Xã Nậm Cổ"},
    "hai-duong": {"uri": "31"},
    "khong-ro": {"text": "Thung lũng"},
}


@pytest.fixture(scope="module", autouse=True)
def datasets(
    app: Any, create: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Make datasets of communes, current and former, on a portal that has lists of them."""
    folder = tmp_path_factory.mktemp("vocabularies")
    (folder / "commune.yaml").write_text(CURRENT, encoding="utf-8")
    (folder / "commune-old.yaml").write_text(FORMER, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(tk.config, "ckanext.nd47.rules_from", "2999-01-01")
        patch.setitem(tk.config, "ckanext.nd47.vocabulary_folder", str(folder))
        for name, place in DATASETS.items():
            create(name=name, title=f"Bộ {name}", **PROPOSED, spatial_coverage=[place])
        yield folder


def found(code: str) -> set[str]:
    search = call_action("package_search", fq=f'{PLACE}:"{code}"', rows=100)
    return {dataset["name"] for dataset in search["results"]}


class TestCommunes:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("00101", {"nam-khue", "nam-thuong", "chia-doi", "nam-co"}),
            ("00102", {"dong-pho", "chia-doi"}),
            ("cu-00201", {"nam-khue", "nam-thuong", "nam-co"}),
            ("cu-00202", {"nam-khue"}),
            ("cu-00203", {"nam-khue", "dong-pho", "chia-doi"}),
            ("cu-00204", {"nam-khue", "nam-thuong", "nam-co"}),
        ],
    )
    def test_former_and_current_ones_lead_to_each_other(self, code, expected):
        assert found(code) == expected

    def test_a_former_one_does_not_lead_to_others_of_the_same_merger(self):
        assert "nam-thuong" not in found("cu-00202")

    def test_a_place_of_no_list_is_found_by_its_name_alone(self):
        assert found("Thung lũng") == {"khong-ro"}


class TestProvinces:
    def test_a_current_one_is_found_under_those_that_were_merged_into_it(self):
        assert found("hai-duong") == found("31") == {"hai-duong"}

    def test_it_is_not_found_under_another(self):
        assert found("bac-giang") == set()


class TestLabels:
    @pytest.fixture(autouse=True)
    def lists(self, datasets: Path, ckan_config: Any) -> None:
        """The portal has lists of communes."""
        ckan_config["ckanext.nd47.vocabulary_folder"] = str(datasets)

    @pytest.mark.parametrize(
        ("lang", "label"),
        [("vi", "Xã Nậm Hạ (đến 30/06/2025)"), ("en", "Nam Ha Commune (until 30/06/2025)")],
    )
    def test_a_former_one_says_until_when_it_existed(self, app, lang, label):
        address = f'/{lang}/api/3/action/package_search?facet.field=["{PLACE}"]&facet.limit=100'
        facet = app.get(address).json["result"]["search_facets"][PLACE]["items"]
        assert label in {item["display_name"] for item in facet}

    def test_a_current_one_has_its_name_alone(self, app):
        address = f'/vi/api/3/action/package_search?facet.field=["{PLACE}"]&facet.limit=100'
        facet = app.get(address).json["result"]["search_facets"][PLACE]["items"]
        assert "Xã Nậm Khuê" in {item["display_name"] for item in facet}

    def test_without_lists_of_communes_the_facet_has_codes(self, ckan_config):
        ckan_config["ckanext.nd47.vocabulary_folder"] = ""
        search = call_action("package_search", **{"facet.field": [PLACE], "facet.limit": 100})
        labels = {item["display_name"] for item in search["search_facets"][PLACE]["items"]}
        assert "00101" in labels
