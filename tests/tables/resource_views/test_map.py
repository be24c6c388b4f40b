"""Files and tables with places have a map: GeoJSON of a bounded size, in WGS 84."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
import shapefile
from bs4 import BeautifulSoup
from pyproj import CRS, Transformer

from ckan.tests.helpers import call_action

from ckanext.nd47.tables.resource_views.map.convert import limits
from tests.tables.resource_views.showing import (
    accounts,
    app,
    checked,
    field,
    options,
    page,
    path,
    portal,
    table,
    upload,
    view,
)

__all__ = ["accounts", "app", "checked", "options", "portal", "table", "upload"]

KY_LAM = [105.5, 19.7]
AREA = [[[105.2, 19.5], [105.4, 19.5], [105.4, 19.7], [105.2, 19.7], [105.2, 19.5]]]


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(position: list[float]) -> dict[str, Any]:
    return {"type": "Point", "coordinates": position}


def geojson(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


STATIONS = geojson(
    *(
        feature(point([105.5 + n / 100, 19.7]), ten=f"Trạm {n}", loai="Nhanh" if n % 2 else "Chậm")
        for n in range(6)
    )
)
KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Placemark><name>Trạm Kỳ Lâm</name><description>&lt;b&gt;24 giờ&lt;/b&gt;</description>
<ExtendedData><Data name="Số trụ"><value>4</value></Data></ExtendedData>
<Point><coordinates>105.5,19.7,3</coordinates></Point></Placemark>
<Placemark><name>Khu</name><Polygon><outerBoundaryIs><LinearRing><coordinates>
105.2,19.5 105.4,19.5 105.4,19.7 105.2,19.5</coordinates></LinearRing></outerBoundaryIs></Polygon>
</Placemark>
</Document></kml>""".encode()
VN2000 = CRS.from_epsg(9205)


def shapefile_zip(system: CRS | None = None) -> bytes:
    parts = {name: io.BytesIO() for name in ("shp", "shx", "dbf")}
    x, y = KY_LAM
    if system:
        convert = Transformer.from_crs(CRS.from_epsg(4326), system, always_xy=True)
        x, y = convert.transform(x, y)
    # The types of pyshp do not know that a BytesIO will do.
    writer: Any = shapefile.Writer
    writer = writer(shp=parts["shp"], shx=parts["shx"], dbf=parts["dbf"], encoding="utf-8")
    writer.field("ten", "C", size=60)
    writer.point(x, y)
    writer.record("Trạm Kỳ Lâm")
    writer.close()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts.items():
            archive.writestr(f"tram.{name}", part.getvalue())
        if system:
            archive.writestr("tram.prj", system.to_wkt("WKT1_ESRI"))
    return target.getvalue()


@pytest.fixture
def places(app, upload):
    """Returns the places of an uploaded file."""

    def make(name: str, content: bytes, format_: str) -> dict[str, Any]:
        answer = app.get(path(upload(name, content, format=format_), "places.geojson"))
        assert answer.status_code in {200, 422}, answer.data
        return json.loads(answer.data)

    return make


class TestFormats:
    def test_geojson_keeps_its_places_and_their_properties(self, places):
        made = places("a.geojson", STATIONS, "GeoJSON")
        assert len(made["features"]) == 6
        assert made["features"][1]["properties"] == {"ten": "Trạm 1", "loai": "Nhanh"}
        assert made["nd47"]["title"] == "ten"
        assert made["nd47"]["legend"] == "loai"

    def test_kml_gives_points_and_areas_with_their_data(self, places):
        made = places("a.kml", KML, "KML")
        first, second = made["features"]
        assert first["geometry"] == point(KY_LAM)
        assert first["properties"]["name"] == "Trạm Kỳ Lâm"
        assert first["properties"]["Số trụ"] == "4"
        assert second["geometry"]["type"] == "Polygon"

    @pytest.mark.parametrize("format_", ["SHP", "ZIP"])
    def test_a_shapefile_in_a_zip_is_converted(self, places, format_):
        made = places("a.zip", shapefile_zip(), format_)
        assert made["features"][0]["geometry"] == point(KY_LAM)
        assert made["features"][0]["properties"] == {"ten": "Trạm Kỳ Lâm"}

    def test_vn2000_is_converted_to_wgs84(self, places):
        made = places("a.zip", shapefile_zip(VN2000), "SHP")
        assert made["features"][0]["geometry"]["coordinates"] == pytest.approx(KY_LAM, abs=0.01)

    def test_a_single_geometry_is_a_place(self, places):
        assert (
            len(places("a.geojson", json.dumps(point(KY_LAM)).encode(), "GeoJSON")["features"]) == 1
        )


class TestBounds:
    def test_places_without_usable_coordinates_are_counted(self, places):
        body = geojson(
            feature(point(KY_LAM), ten="đúng"),
            feature(point([580000, 2180000]), ten="mét"),
            feature(None, ten="không có"),
            feature({"type": "Point", "coordinates": ["a", None]}, ten="chữ"),
            feature({"type": "Circle", "coordinates": KY_LAM}, ten="lạ"),
        )
        made = places("a.geojson", body, "GeoJSON")
        assert len(made["features"]) == 1
        assert (made["nd47"]["count"], made["nd47"]["unplaced"]) == (5, 4)

    def test_no_more_places_than_a_map_can_show(self, places):
        body = geojson(*(feature(point(KY_LAM), n=n) for n in range(limits.MOST_PLACES + 50)))
        made = places("a.geojson", body, "GeoJSON")
        assert len(made["features"]) == limits.MOST_PLACES
        assert made["nd47"]["count"] == limits.MOST_PLACES + 50

    def test_lines_with_many_corners_are_made_simpler(self, places):
        line = [[105.2 + n / 400_000, 19.5 + (n % 7) / 1_000_000] for n in range(150_000)]
        body = geojson(feature({"type": "LineString", "coordinates": line}, ten="Sông"))
        made = places("a.geojson", body, "GeoJSON")
        assert 2 <= len(made["features"][0]["geometry"]["coordinates"]) <= limits.MOST_POSITIONS

    def test_long_values_are_cut(self, places):
        body = geojson(feature(point(KY_LAM), ghi_chu="a" * 100_000))
        value = places("a.geojson", body, "GeoJSON")["features"][0]["properties"]["ghi_chu"]
        assert len(value) <= limits.LONGEST_VALUE + 1


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("name", "content", "format_"),
        [
            ("a.geojson", b'{"type": "FeatureCollection", "features": [', "GeoJSON"),
            ("a.geojson", b'{"type":"FeatureCollection","features":' + b"[" * 2_000_000, "GeoJSON"),
            ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "GeoJSON"),
            ("a.kml", b'<!DOCTYPE k [<!ENTITY a "aaaa">]><kml>&a;</kml>', "KML"),
            ("a.kml", b"<kml><Placemark><Point>", "KML"),
            ("a.zip", b"PK\x03\x04broken", "SHP"),
            ("a.zip", b"no archive", "ZIP"),
        ],
        ids=["cut", "brackets", "empty", "entities", "open", "broken-zip", "no-zip"],
    )
    def test_it_ends_in_a_sentence(self, places, name, content, format_):
        made = places(name, content, format_)
        assert made["message"].strip().endswith((".", "”"))

    def test_a_zip_that_leads_out_of_its_folder_is_refused(self, places):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("../../a.geojson", STATIONS)
        assert "message" in places("a.zip", target.getvalue(), "ZIP")


class TestTables:
    COORDINATES = (
        field("ten", label="Tên trạm"),
        field("vi_do", "float8"),
        field("kinh_do", "float8"),
    )

    def test_coordinates_of_a_table_are_places(self, app, table):
        made = table(
            [*self.COORDINATES, field("cong_suat", "int4", "Công suất (kW)")],
            [{"ten": "Trạm 1", "vi_do": 19.7, "kinh_do": 105.5, "cong_suat": 60},
             {"ten": "Trạm 2", "vi_do": None, "kinh_do": 105.5, "cong_suat": 30}],
        )  # fmt: skip
        found = json.loads(app.get(path(made, "places.geojson")).data)
        assert [one["geometry"] for one in found["features"]] == [point(KY_LAM)]
        assert found["features"][0]["properties"] == {"ten": "Trạm 1", "cong_suat": 60}
        assert found["nd47"]["labels"]["cong_suat"] == "Công suất (kW)"

    def test_coordinates_written_as_text_are_read(self, app, table):
        made = table([field("vi_do"), field("kinh_do")], [{"vi_do": "19,7", "kinh_do": "105,5"}])
        found = json.loads(app.get(path(made, "places.geojson")).data)
        assert found["features"][0]["geometry"] == point(KY_LAM)

    def test_a_table_without_places_says_so(self, app, table):
        made = table([field("ten")], [{"ten": "a"}])
        assert app.get(path(made, "places.geojson")).status_code == 422

    def test_codes_of_communes_get_the_outlines_of_the_portal(
        self, app, table, upload, ckan_config
    ):
        outline = {"type": "Polygon", "coordinates": AREA}
        units = upload(
            "xa.geojson", geojson(feature(outline, ma="99001", ten="Xã Kỳ Lâm")), format="GeoJSON"
        )
        ckan_config["ckanext.nd47.map_units"] = units["package_id"]
        codes = table(
            [field("ma_xa"), field("dan_so", "int4")], [{"ma_xa": "99001", "dan_so": 8000}]
        )
        names = table([field("xa", label="Xã, phường")], [{"xa": "xã kỳ lâm"}] * 3 + [{"xa": "Lạ"}])
        found = json.loads(app.get(path(codes, "places.geojson")).data)
        assert found["features"][0]["geometry"] == outline
        assert found["features"][0]["properties"] == {"ma_xa": "99001", "dan_so": 8000}
        counted = json.loads(app.get(path(names, "places.geojson")).data)
        assert counted["features"][0]["properties"] == {"xa": "xã kỳ lâm", "Số dòng": 3}
        assert counted["nd47"]["unplaced"] == 1
        ground = json.loads(app.get("/vi/map/units.geojson").data)
        assert ground["features"][0]["geometry"] == outline


class TestAccess:
    def test_a_private_file_has_no_places_for_visitors(self, app, upload, accounts):
        resource = upload("a.geojson", STATIONS, format="GeoJSON")
        call_action(
            "package_patch", {"user": accounts["sysadmin"]}, id=resource["package_id"], private=True
        )
        for end in ("places.geojson", "places"):
            assert app.get(path(resource, end)).status_code in {403, 404}

    def test_a_linked_file_is_not_fetched(self, app, upload, accounts):
        beside = upload("b.txt", b"b")
        resource = call_action(
            "resource_create",
            {"user": accounts["sysadmin"]},
            package_id=beside["package_id"],
            url="http://127.0.0.1:1/a.geojson",
            format="GeoJSON",
        )
        answer = app.get(path(resource, "places.geojson"))
        assert answer.status_code == 422
        assert "máy chủ khác" in json.loads(answer.data)["message"]

    def test_unchanged_places_are_not_sent_again(self, app, upload):
        address = path(upload("a.geojson", STATIONS, format="GeoJSON"), "places.geojson")
        tag = app.get(address).headers["ETag"]
        assert app.get(address, headers={"If-None-Match": tag}).status_code == 304


class TestPage:
    def test_nothing_of_another_host_is_named_by_default(self, app, upload, accounts):
        resource = upload("a.geojson", STATIONS, format="GeoJSON")
        html = page(app, resource, view(accounts, resource, "nd47_map_view"))
        box = BeautifulSoup(html, "html.parser").select_one(".nd47-map")
        assert box is not None
        assert box["data-tiles"] == ""
        assert str(box["data-source"]).startswith("/vi/dataset/")

    def test_the_administrator_sets_a_base_map(self, app, upload, accounts, ckan_config):
        ckan_config["ckanext.nd47.map_tiles"] = "https://bando.example/{z}/{x}/{y}.png"
        resource = upload("a.geojson", STATIONS, format="GeoJSON")
        made = view(accounts, resource, "nd47_map_view")
        assert "https://bando.example/{z}/{x}/{y}.png" in page(app, resource, made)
        policy = app.get(f"/vi/embed/{made['id']}").headers["Content-Security-Policy"]
        assert "img-src 'self' data: https://bando.example;" in policy

    def test_the_places_are_a_list_without_a_script(self, app, upload):
        resource = upload("a.geojson", STATIONS, format="GeoJSON")
        soup = BeautifulSoup(app.get(path(resource, "places")).data, "html.parser")
        assert len(soup.select("tbody tr")) == 6
        assert "Trạm 3" in soup.select("tbody tr")[3].get_text()
