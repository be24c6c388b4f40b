"""Places of a dataset: refused where they are none, noticed where they are outside Vietnam."""

from __future__ import annotations

import json
from typing import Any

import pytest

import ckan.plugins.toolkit as tk

RING = [[105.0, 21.0], [106.0, 21.0], [106.0, 22.0], [105.0, 21.0]]
POINT = {"type": "Point", "coordinates": [105.85, 21.03]}
VN_2000 = {"crs": {"type": "name", "properties": {"name": "EPSG:9210"}}}


class TestOnSaving:
    pytestmark = pytest.mark.usefixtures("portal", "without_rules")

    @pytest.mark.parametrize(
        ("shape", "told"),
        [
            ({**POINT, **VN_2000}, "(VN-2000, EPSG:9210). Coordinates have to be"),
            ({"type": "Point", "coordinates": [587654.2, 2325678.9]}, "are in metres"),
            ({"type": "Point", "coordinates": [21.03, 105.85]}, "Write longitude first"),
            ({"type": "Polygon", "coordinates": [RING[:-1]]}, "Repeat its first position"),
        ],
    )
    def test_the_officer_reads_what_is_wrong(self, create, shape, told):
        with pytest.raises(tk.ValidationError) as refused:
            create(spatial_coverage=[{"text": "Xã A", "geom": json.dumps(shape)}])
        assert told in str(refused.value.error_dict["spatial_coverage"])


AWAY = {"type": "Polygon", "coordinates": [[[-1, -1], [105.6, -1], [105.6, 21], [-1, -1]]]}
DA_NANG = "107.8 15.9 108.4 16.3"


class TestOutsideTheArea:
    """A place elsewhere is taken, and the editors of the dataset are told."""

    pytestmark = pytest.mark.usefixtures("portal", "without_rules")

    @pytest.fixture
    def told(self, create, browse, officer) -> Any:
        def tell(shape: dict[str, Any], field: str = "geom", headers: Any = officer) -> str:
            places = [{"text": "Xã A", field: json.dumps(shape)}]
            dataset = create(spatial_coverage=places)
            found = browse(f"/dataset/{dataset['name']}", headers=headers)
            notice = found.select_one(".nd47-outside")
            return notice.get_text(" ") if notice else ""

        return tell

    @pytest.mark.parametrize("field", ["geom", "bbox", "centroid"])
    def test_the_position_is_named(self, told, field):
        assert "[-1, -1]" in told(AWAY, field)

    def test_a_part_of_a_collection_is_named(self, told):
        far = {"type": "Point", "coordinates": [2.35, 48.85]}
        shape = {"type": "GeometryCollection", "geometries": [POINT, far]}
        assert "[2.35, 48.85]" in told(shape)

    @pytest.mark.parametrize("place", [[105.85, 21.03], [112.3, 16.5], [114.0, 8.6]])
    def test_nothing_is_said_of_a_place_in_viet_nam(self, told, place):
        assert told({"type": "Point", "coordinates": place}) == ""

    def test_the_area_of_the_portal_counts_where_it_is_set(self, told, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.nd47.dcat_extent", DA_NANG)
        assert "[105.85, 21.03]" in told(POINT)
        assert told({"type": "Point", "coordinates": [108.2, 16.05]}) == ""

    def test_visitors_read_nothing_of_it(self, told):
        assert told(AWAY, headers={}) == ""

    def test_a_geometry_among_the_extras_counts(self, create, browse, officer):
        dataset = create(extras=[{"key": "spatial", "value": json.dumps(AWAY)}])
        page = browse(f"/dataset/{dataset['name']}", headers=officer)
        assert page.select_one(".nd47-outside")
