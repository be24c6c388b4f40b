"""Geometries of a dataset: refused in words on saving, and told where they are far away."""

from __future__ import annotations

import json
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import rebuild
from ckan.tests.helpers import call_action

from tests.lib.fields.test_geometry import POINT, RING, crs

pytestmark = pytest.mark.usefixtures("portal", "without_rules")


class TestOnSaving:
    @pytest.mark.parametrize(
        ("shape", "told"),
        [
            ({**POINT, **crs("EPSG:9210")}, "(VN-2000, EPSG:9210). Coordinates have to be"),
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


BROKEN = {
    "no JSON": "{",
    "a place name": "Hà Nội",
    "an open ring": '{"type": "Polygon", "coordinates": [[[105, 21], [106, 21], [106, 22]]]}',
    "outside the globe": '{"type": "Point", "coordinates": [200, 95]}',
    "metres": '{"type": "Point", "coordinates": [587654.1, 2325987.3]}',
    "swapped": '{"type": "Point", "coordinates": [21.03, 105.85]}',
    "a feature": json.dumps({"type": "Feature", "geometry": POINT}),
}


class TestExtra:
    """The extra `spatial`, which ckanext-spatial and the export read."""

    @pytest.mark.parametrize("kind", BROKEN)
    @pytest.mark.parametrize("state", ["active", "draft"])
    def test_broken_is_refused_at_its_place(self, create, kind, state):
        for given in (
            {"extras": [{"key": "a", "value": "b"}, {"key": "spatial", "value": BROKEN[kind]}]},
            {"spatial": BROKEN[kind]},
        ):
            with pytest.raises(tk.ValidationError) as refused:
                create(state=state, **given)
            assert "{'key': ['spatial: " in str(refused.value.error_dict["extras"])
            assert "spatial: " in str(refused.value.error_summary)

    @pytest.mark.parametrize("value", ["", json.dumps(POINT), json.dumps(AWAY)])
    def test_sound_or_empty_is_stored(self, create, value):
        made = create(extras=[{"key": "spatial", "value": value}, {"key": "a", "value": "b"}])
        held = {extra["key"]: extra["value"] for extra in made["extras"]}
        assert held.get("spatial", "") == value

    @pytest.mark.parametrize("kind", BROKEN)
    def test_what_another_schema_stored_stays_and_is_not_changed_for_worse(self, create, kind):
        made = create()
        package: Any = model.Package.get(made["id"])
        package.extras = {**package.extras, "spatial": BROKEN[kind]}
        model.Session.commit()
        rebuild(made["id"])
        again = call_action("package_patch", id=made["id"], title="Tên khác")
        assert {"key": "spatial", "value": BROKEN[kind]} in again["extras"]
        with pytest.raises(tk.ValidationError):
            call_action("package_patch", id=made["id"], extras=[{"key": "spatial", "value": "[1]"}])
        mended = [{"key": "spatial", "value": json.dumps(POINT)}]
        assert call_action("package_patch", id=made["id"], extras=mended)["extras"] == mended
