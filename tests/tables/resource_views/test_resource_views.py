"""Files have their views by themselves, the best first; each can stand on another page."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.tables.resource_views.cli import views_command
from tests.tables.resource_views.showing import (
    accounts,
    app,
    checked,
    field,
    options,
    portal,
    table,
    upload,
    view,
)
from tests.tables.resource_views.test_map import STATIONS, shapefile_zip

__all__ = ["accounts", "app", "checked", "options", "portal", "table", "upload"]

DEFAULT = "nd47_map_view nd47_table nd47_chart_view nd47_document_view"


@pytest.fixture(autouse=True)
def default_views(options, ckan_config):
    ckan_config["ckan.views.default_views"] = DEFAULT.split()


def types(resource_id: str) -> list[str]:
    """Return the views of a resource in their order."""
    model.Session.expire_all()
    return [one["view_type"] for one in call_action("resource_view_list", id=resource_id)]


class TestDefaults:
    def test_geojson_shows_its_map_first(self, upload):
        resource = upload("a.geojson", STATIONS, format="GeoJSON")
        assert types(resource["id"]) == ["nd47_map_view", "nd47_document_view"]

    def test_a_pdf_shows_itself(self, upload):
        assert types(upload("a.pdf", b"%PDF-1.4", format="PDF")["id"]) == ["nd47_document_view"]

    def test_a_table_with_coordinates_shows_its_map_first(self, table, accounts):
        made = table(
            [field("vi_do", "float8"), field("kinh_do", "float8")], [{"vi_do": 19, "kinh_do": 105}]
        )
        call_action(
            "resource_create_default_resource_views",
            {"user": accounts["sysadmin"]},
            resource=made,
            create_datastore_views=True,
        )
        assert types(made["id"]) == ["nd47_map_view", "nd47_table", "nd47_chart_view"]

    def test_a_table_without_coordinates_has_no_map(self, table, accounts):
        made = table([field("ten")], [{"ten": "a"}])
        call_action(
            "resource_create_default_resource_views",
            {"user": accounts["sysadmin"]},
            resource=made,
            create_datastore_views=True,
        )
        assert types(made["id"]) == ["nd47_table", "nd47_chart_view"]

    def test_titles_that_a_job_stores_are_in_the_language_of_the_portal(
        self, table, accounts, ckan_config
    ):
        ckan_config["ckan.locale_default"] = "vi"
        made = table([field("ten")], [{"ten": "a"}])
        call_action(
            "resource_create_default_resource_views",
            {"user": accounts["sysadmin"]},
            resource=made,
            create_datastore_views=True,
        )
        shown = call_action("resource_view_list", id=made["id"])
        assert [each["title"] for each in shown] == ["Bảng", "Biểu đồ"]


class TestCommand:
    def test_files_of_before_get_their_views(self, upload, accounts, ckan_config):
        ckan_config["ckan.views.default_views"] = []
        resource = upload("a.geojson", STATIONS, format="GeoJSON")
        assert types(resource["id"]) == []
        ckan_config["ckan.views.default_views"] = DEFAULT.split()
        told = CliRunner().invoke(views_command, ["--dry-run"], catch_exceptions=False)
        assert "nd47_map_view" in told.output
        assert types(resource["id"]) == []
        CliRunner().invoke(views_command, [], catch_exceptions=False)
        assert types(resource["id"]) == ["nd47_map_view", "nd47_document_view"]
        again = CliRunner().invoke(views_command, [], catch_exceptions=False)
        assert again.output.strip().startswith("0 ")

    def test_a_zip_has_a_map_once_its_check_has_found_places(self, checked):
        resource = checked("a.zip", shapefile_zip(), format="ZIP")
        CliRunner().invoke(views_command, [], catch_exceptions=False)
        assert types(resource["id"]) == ["nd47_map_view"]

    def test_the_order_that_somebody_has_chosen_stays(self, upload, accounts):
        resource = upload("a.geojson", STATIONS, format="GeoJSON")
        found = call_action("resource_view_list", id=resource["id"])
        call_action(
            "resource_view_reorder",
            {"user": accounts["sysadmin"]},
            id=resource["id"],
            order=[one["id"] for one in reversed(found)],
        )
        CliRunner().invoke(views_command, [], catch_exceptions=False)
        assert types(resource["id"]) == ["nd47_document_view", "nd47_map_view"]


class TestEmbedding:
    @pytest.fixture
    def embedded(self, app, upload):
        resource = upload("a.geojson", STATIONS, format="GeoJSON")
        return resource, call_action("resource_view_list", id=resource["id"])[0]

    def test_it_says_whose_data_these_are(self, app, embedded):
        resource, made = embedded
        soup = BeautifulSoup(app.get(f"/vi/embed/{made['id']}").data, "html.parser")
        footer = soup.select_one("footer")
        assert footer is not None
        assert "Sở Nông nghiệp và Môi trường" in footer.get_text()
        link = footer.select_one(f'a[href$="/resource/{resource["id"]}"]')
        assert link is not None

    def test_every_site_may_frame_a_public_view_and_load_nothing_else(self, app, embedded):
        policy = app.get(f"/embed/{embedded[1]['id']}").headers["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy

    def test_no_script_stands_in_the_page_itself(self, app, embedded):
        soup = BeautifulSoup(app.get(f"/embed/{embedded[1]['id']}").data, "html.parser")
        assert [one for one in soup.select("script") if not one.get("src")] == []

    def test_a_private_view_is_not_shown(self, app, embedded, accounts):
        resource, made = embedded
        context = {"user": accounts["sysadmin"]}
        call_action("package_patch", context, id=resource["package_id"], private=True)
        assert app.get(f"/embed/{made['id']}").status_code in {403, 404}
        token = factories.APIToken(user=accounts["sysadmin"])["token"]
        answer = app.get(f"/embed/{made['id']}", headers={"Authorization": token})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]

    def test_a_chosen_chart_is_embedded_as_chosen(self, app, table, accounts):
        made = table([field("xa"), field("loai")], [{"xa": "A", "loai": x} for x in "xyyx"] * 3)
        chart = view(accounts, made, "nd47_chart_view")
        address = f"/vi/dataset/{made['package_id']}/resource/{made['id']}"
        html = app.get(address, query_string={"view_id": chart["id"], "x": "loai", "kind": "line"})
        code = BeautifulSoup(html.data, "html.parser").select_one("textarea")
        assert code is not None
        assert "x=loai" in code.get_text()
        alone = app.get(f"/vi/embed/{chart['id']}", query_string={"x": "loai"})
        assert "x=loai" in alone.get_data(as_text=True)

    @pytest.mark.parametrize("name", ["khong-co", "'", "%00"])
    def test_an_unknown_view_is_not_found(self, app, name):
        assert app.get(f"/embed/{name}").status_code == 404
