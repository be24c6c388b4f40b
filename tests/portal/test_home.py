"""The home page: true counts that are cached, and nothing that is not public."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from redis import Redis

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values
from ckanext.nd47.portal import figures
from tests.support.statements import statements


def unreachable() -> Any:
    """Return a client of a Redis that does not run."""
    return Redis(host="127.0.0.1", port=1)


def numbers(page: Any) -> list[int]:
    """Return the totals that the page shows."""
    return [int(element.get_text()) for element in page.select(".nd47-figures strong")]


class TestFigures:
    def test_are_those_of_the_public_datasets(self, browse, create):
        before = numbers(browse("/vi/"))
        create()
        create(private=True)
        create(state="draft")
        gone = create()
        call_action("package_delete", id=gone["id"])
        datasets, files, agencies, updated = numbers(browse("/vi/"))
        assert [datasets, files, updated] == [before[0] + 1, before[1] + 1, before[3] + 1]
        assert agencies == 1
        assert datasets == call_action("package_search", fq="+capacity:public")["count"]

    def test_agency_with_private_datasets_only_has_published_nothing(self, browse, create):
        create()
        before = numbers(browse("/vi/"))
        other = factories.Organization(title="Sở Y tế")
        create(owner_org=other["id"], private=True)
        assert numbers(browse("/vi/"))[2] == before[2]

    def test_count_a_dataset_once_it_is_published_or_withdrawn(self, browse, create):
        before = numbers(browse("/vi/"))[0]
        dataset = create()
        assert numbers(browse("/vi/"))[0] == before + 1
        call_action("package_patch", id=dataset["id"], private=True)
        assert numbers(browse("/vi/"))[0] == before

    def test_count_a_file_that_was_added(self, browse, create):
        dataset = create()
        before = numbers(browse("/vi/"))[1]
        call_action("resource_create", package_id=dataset["id"], url="https://haison.example/b")
        assert numbers(browse("/vi/"))[1] == before + 1

    def test_forget_an_agency_that_was_deleted(self, browse, create):
        other = factories.Organization(title="Sở Ngoại vụ")
        create(owner_org=other["id"])
        before = numbers(browse("/vi/"))[2]
        model.Session.execute(
            sa.update(model.Group).where(model.Group.id == other["id"]).values(state="deleted")
        )
        model.Session.commit()
        assert numbers(browse("/vi/"))[2] == before - 1

    def test_are_read_from_the_cache_while_nothing_changes(self, create):
        create()
        figures.current()
        with statements() as few:
            figures.current()
        assert len(few) == 1

    def test_without_the_cache_they_are_counted(self, monkeypatch, create):
        create()
        counted = figures.current()
        monkeypatch.setattr(figures, "connect_to_redis", unreachable)
        assert figures.current() == counted

    def test_month_begins_in_vietnam(self, create):
        dataset = create()
        before = figures.current().updated
        first = dt.datetime.now(values.VIETNAM).replace(day=1, hour=0, minute=0, second=0)
        row: Any = model.Package.get(dataset["id"])
        row.metadata_modified = (
            (first - dt.timedelta(minutes=1)).astimezone(dt.timezone.utc).replace(tzinfo=None)
        )
        model.Session.commit()
        assert figures.current().updated == before - 1

    def test_take_two_statements_whatever_there_is(self, create):
        create()
        with statements() as few:
            figures.current()
        create(theme=["y-te"])
        create()
        with statements() as many:
            figures.current()
        assert len(few) == len(many) == 2  # noqa: PLR2004


class TestTiles:
    def test_show_the_fields_with_their_counts(self, browse, create):
        create(theme=["giao-duc", "y-te"])
        create(theme=["moi-truong"], private=True)
        tiles = {
            element.select_one("span").get_text(): element
            for element in browse("/vi/").select(".nd47-tiles a")
        }
        assert {"Giáo dục đào tạo", "Y tế"} <= tiles.keys()
        assert "Môi trường" not in tiles
        assert tiles["Y tế"].select_one("svg path")["d"]

    def test_lead_to_the_datasets_of_the_field(self, browse, create):
        dataset = create(theme=["nang-luong"], title="Lưới điện")
        (link,) = [
            element["href"]
            for element in browse("/vi/").select(".nd47-tiles a")
            if "Năng lượng" in element.get_text()
        ]
        found = browse(link)
        assert found.select(f'a[href$="/{dataset["name"]}"]')
        assert "Danh sách trường" not in found.select_one(".nd47-field-columns").get_text()

    def test_count_what_the_page_behind_them_lists(self, browse, create):
        create(theme=["giao-duc", "y-te"])
        for tile in browse("/vi/").select(".nd47-tiles a"):
            count = tile.select_one(".nd47-count").get_text()
            assert count in browse(tile["href"]).select_one(".nd47-count").get_text()

    def test_have_english_labels_on_english_pages(self, browse, create):
        create()
        assert "Education" in browse("/en/").select_one(".nd47-tiles").get_text()


class TestLists:
    def test_show_public_datasets_only(self, browse, create):
        shown, hidden = create(title="Công khai"), create(title="Chưa công khai", private=True)
        text = browse("/vi/").select_one(".nd47-home-columns")
        assert text.select(f'a[href$="/{shown["name"]}"]')
        assert not text.select(f'a[href$="/{hidden["name"]}"]')

    def test_show_the_day_of_the_data_and_the_newest_data_first(self, browse, create):
        newer = create(title="Số liệu mới", modified=dates.today().isoformat())
        older = create(title="Số liệu cũ", modified="2019-03-04")
        call_action("package_patch", id=older["id"], notes="Sửa mô tả.")
        rows = browse("/vi/").select('[aria-labelledby="nd47-newest"] li')
        names = [row.a["href"].rsplit("/", 1)[1] for row in rows]
        assert names[0] == newer["name"]
        told = {
            name: row.span.get_text(" ", strip=True) for name, row in zip(names, rows, strict=True)
        }
        assert "Dữ liệu cập nhật ngày " + dates.today().strftime("%d/%m/%Y") in told[newer["name"]]
        if older["name"] in told:
            assert "Dữ liệu cập nhật ngày 04/03/2019" in told[older["name"]]

    def test_a_withdrawn_dataset_is_gone_at_once(self, browse, create):
        dataset = create()
        assert browse("/vi/").select(f'a[href$="/{dataset["name"]}"]')
        call_action("package_patch", id=dataset["id"], private=True)
        assert not browse("/vi/").select(f'a[href$="/{dataset["name"]}"]')

    def test_an_officer_sees_what_everybody_sees(self, app, create):
        hidden = create(private=True)
        headers = {"Authorization": factories.SysadminWithToken()["token"]}
        assert hidden["name"] not in app.get("/vi/", headers=headers).body

    def test_nothing_is_most_used_where_visits_are_not_counted(self, browse, create):
        create()
        assert "Dùng nhiều nhất" not in browse("/vi/").get_text()


class TestEntryPoints:
    def test_lead_to_pages_that_answer(self, app, browse, create):
        create()
        links = browse("/vi/").select('[aria-labelledby="nd47-entries"] a')
        assert len(links) >= 5  # noqa: PLR2004
        for link in links:
            app.get(link["href"], status=200)

    def test_name_no_plugin_that_is_not_loaded(self, browse):
        text = browse("/vi/").select_one('[aria-labelledby="nd47-entries"]').get_text()
        assert "Báo lỗi" not in text
        assert "Đề nghị" not in text


class TestEmptyPortal:
    def test_says_that_there_is_nothing_yet(self, browse, create):
        for dataset in call_action("package_list"):
            call_action("dataset_purge", id=dataset)
        page = browse("/vi/")
        assert numbers(page) == [0, 0, 0, 0]
        assert page.select(".nd47-tiles") == []
        assert "Chưa có bộ dữ liệu nào" in page.get_text()


class TestNews:
    def test_is_there_once_it_is_set(self, browse, monkeypatch):
        assert browse("/vi/").select(".nd47-news") == []
        monkeypatch.setitem(tk.config, config.PORTAL_NEWS_VI, "Có **dữ liệu mới**")
        assert browse("/vi/").select_one(".nd47-news strong").get_text() == "dữ liệu mới"
        assert browse("/en/").select(".nd47-news") == []

    def test_hostile_news_do_nothing(self, browse, monkeypatch):
        text = "<script>alert(1)</script><b onclick=alert(1)>x</b>"
        monkeypatch.setitem(tk.config, config.PORTAL_NEWS_VI, text)
        assert browse("/vi/").select("[onclick], .nd47-news script") == []


class TestMaintenance:
    @pytest.mark.parametrize("path", ["/vi/", "/vi/dataset/", "/vi/about"])
    def test_is_announced_on_every_page_with_the_time_of_return(self, browse, monkeypatch, path):
        monkeypatch.setitem(tk.config, config.PORTAL_MAINTENANCE_UNTIL, "2999-03-21 02:00")
        assert "02:00, 21/03/2999" in browse(path).select_one(".nd47-notice").get_text()

    @pytest.mark.parametrize("until", ["", "2020-01-01 00:00", "ngày mai"])
    def test_is_not_announced_otherwise(self, browse, monkeypatch, until):
        monkeypatch.setitem(tk.config, config.PORTAL_MAINTENANCE_UNTIL, until)
        assert browse("/vi/").select(".nd47-notice") == []


class TestColour:
    def colour(self, page: Any) -> str:
        return page.find("style", string=lambda text: text and "--nd47-portal" in text).string

    def test_is_that_of_the_option(self, browse, monkeypatch):
        monkeypatch.setitem(tk.config, config.PORTAL_COLOUR, "#9b1c1c")
        assert "#9b1c1c" in self.colour(browse("/vi/"))

    @pytest.mark.parametrize("chosen", ["#ffff00", "red;} body{display:none", ""])
    def test_one_that_cannot_be_read_is_not_used(self, browse, monkeypatch, chosen):
        monkeypatch.setitem(tk.config, config.PORTAL_COLOUR, chosen)
        assert "#0b5394" in self.colour(browse("/vi/"))
