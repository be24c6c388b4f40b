"""The pages that change many datasets, and the ways to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.desk.bulk import model as tables
from tests.desk.conftest import World
from tests.metadata.conftest import new_name
from tests.support.statements import statements

LIST, CHANGES, RUNS = "/work/datasets", "/work/datasets/changes", "/work/changes"
DAILY = {"field": "frequency", "operation": "set", "value": "hang-ngay"}


@pytest.fixture(autouse=True)
def no_runs(world: World) -> Iterator[None]:
    """Delete the runs of a test."""
    yield
    model.Session.rollback()
    model.Session.execute(sa.delete(tables.Run))
    model.Session.commit()


@pytest.fixture
def read(app: Any, world: World) -> Callable[..., Any]:
    """Fetch a page as an account and return it parsed."""

    def fetch(account: str, path: str, status: int = 200) -> Any:
        answer = app.get(f"/vi{path}", headers=world.headers(account), status=status)
        return BeautifulSoup(answer.body, "html.parser")

    return fetch


@pytest.fixture
def send(app: Any, world: World) -> Callable[..., Any]:
    """Send a form as an account; return the parsed page to which it leads."""

    def post(account: str, path: str, status: int = 200, **data: Any) -> Any:
        answer = app.post(f"/vi{path}", headers=world.headers(account), data=data, status=status)
        return BeautifulSoup(answer.body, "html.parser")

    return post


@pytest.fixture
def word() -> str:
    """A word that no other dataset in the index has."""
    return new_name().replace("-", "")


def titles(page: BeautifulSoup) -> list[str]:
    return [one.get_text(strip=True) for one in page.select("tbody .nd47-title")]


def run_of(page: BeautifulSoup) -> str:
    (form,) = page.select("form[action*='/apply'], form[action*='/undo']")
    return str(form["action"]).split("/")[-2]


class TestList:
    def test_shows_what_the_account_edits_of_a_search(self, read, create, word):
        create(title=f"{word} của ta")
        create(title=f"{word} nội bộ", private=True)
        create("foreign", title=f"{word} của người")
        assert titles(read("editor", f"{LIST}?q={word}")) == [f"{word} của ta", f"{word} nội bộ"]
        assert len(titles(read("sysadmin", f"{LIST}?q={word}"))) == 3  # noqa: PLR2004

    def test_keeps_words_and_filters_in_its_forms(self, read, create, word):
        create(title=word, tag_string="gạo", license_id="cc-by")
        page = read("editor", f"{LIST}?q={word}&tags=gạo")
        assert titles(page) == [word]
        for form in page.select(".nd47-desk form"):
            assert form.select_one("input[name=tags]")["value"] == "gạo"
        assert page.select_one(".nd47-chosen a")["href"].endswith(f"{LIST}?q={word}")

    @pytest.mark.parametrize("role", ["member", "leader", "stranger"])
    def test_says_so_to_who_edits_nothing(self, read, create, role):
        create()
        page = read(role, LIST)
        assert page.select("form input[name=dataset]") == []
        assert "quản trị" in page.select_one(".nd47-desk").get_text()

    @pytest.mark.parametrize(
        "query",
        ["q=tags:[", "q=%22", "tags=%22%5C", "a.b=c", "1=2", "page=0", "page=x", "locale=x"],
    )
    def test_no_search_is_an_error_of_the_server(self, read, query):
        read("editor", f"{LIST}?{query}")

    def test_is_reached_from_the_work_list_and_from_a_search(self, read, create, word):
        create(title=word, tag_string="gạo")
        assert read("editor", "/work").select("a[href$='/work/datasets']")
        link = read("editor", f"/dataset/?q={word}&tags=gạo").select_one(".nd47-change-many a")
        assert f"/work/datasets?q={word}&tags=" in link["href"]

    @pytest.mark.parametrize("role", ["member", "stranger"])
    def test_is_not_offered_to_who_edits_nothing(self, read, role):
        assert read(role, "/dataset/").select(".nd47-change-many") == []

    def test_asks_visitors_to_log_in_and_back(self, app):
        answer = app.get(f"{LIST}?q=gạo", follow_redirects=False)
        assert answer.status_code == 302  # noqa: PLR2004
        assert "/user/login" in answer.headers["Location"]

    def test_statements_do_not_grow_with_the_datasets(self, app, world, create, word):
        headers, counts = world.headers("editor"), []
        for number in (2, 6):
            for _ in range(number):
                create(title=word)
            app.get(f"{LIST}?q={word}", headers=headers)
            with statements() as sent:
                app.get(f"{LIST}?q={word}", headers=headers, status=200)
            counts.append(len(sent))
        assert counts[0] == counts[1]


class TestForm:
    def test_has_a_drop_down_with_the_choices_of_the_schema(self, read, create):
        page = read("editor", f"{CHANGES}?dataset={create()['id']}")
        options = [one.get("value") for one in page.select("#to-frequency option")]
        assert options[0] == ""
        assert "hang-ngay" in options
        assert page.select("#to-theme input[type=checkbox]")
        assert page.select("#to-private option[value=private]")

    def test_does_not_ask_for_what_belongs_to_one_dataset(self, read, create):
        page = read("editor", f"{CHANGES}?dataset={create()['id']}")
        for name in ("title", "name", "identifier"):
            assert page.select(f"[name=to-{name}]") == []

    def test_every_input_has_a_label(self, read, create):
        page = read("editor", f"{CHANGES}?dataset={create()['id']}")
        labelled = {label["for"] for label in page.select("label[for]")}
        inputs = page.select(
            ".nd47-desk input:not([type=hidden]), .nd47-desk select, .nd47-desk textarea"
        )
        assert inputs
        assert {one["id"] for one in inputs} <= labelled

    @pytest.mark.parametrize("query", ["", "?q=gạo", "?dataset=", "?all=1&q=khongcogicahet"])
    def test_without_a_dataset_leads_back_to_the_list(self, read, query):
        page = read("editor", CHANGES + query)
        assert "Chọn ít nhất một bộ dữ liệu" in page.select_one("[role=alert]").get_text()

    def test_keeps_what_was_typed_when_a_value_is_missing(self, send, create):
        sent = {"dataset": create()["id"], "to-notes": "\ud7ff<b>"}
        page = send("editor", CHANGES, **sent, **{"to-khong_co": "x", "op-notes": "nuke"})
        assert page.select_one("#to-notes").get_text() == sent["to-notes"]
        assert page.select_one("[role=alert]")

    def test_without_a_value_says_so(self, send, create):
        page = send("editor", CHANGES, dataset=create()["id"])
        assert page.select_one("[role=alert]")


class TestRun:
    def test_leads_from_the_form_to_preview_change_and_undo(self, send, create, read):
        dataset = create(frequency="hang-nam", title="<script>alert(1)</script>")
        page = send("editor", CHANGES, dataset=dataset["id"], **{"to-frequency": "hang-ngay"})
        assert page.select_one("del").get_text(strip=True)
        assert titles(page) == ["<script>alert(1)</script>"]
        run_id = run_of(page)
        send("editor", f"{RUNS}/{run_id}/apply")
        changes.apply(run_id)
        page = read("editor", f"{RUNS}/{run_id}")
        assert page.select_one(".alert-success")
        assert call_action("package_show", id=dataset["id"])["frequency"] == "hang-ngay"
        send("editor", f"{RUNS}/{run_id}/undo")
        changes.undo(run_id)
        assert read("editor", f"{RUNS}/{run_id}").select_one(".nd47-state-undone")
        assert call_action("package_show", id=dataset["id"])["frequency"] == "hang-nam"

    def test_takes_a_whole_search(self, send, create, word):
        for number in range(3):
            create(title=f"{word} {number}")
        page = send("editor", CHANGES, all="1", q=word, **{"to-frequency": "hang-ngay"})
        assert titles(page) == [f"{word} {number}" for number in range(3)]

    def test_reloads_itself_without_scripts_while_a_job_is_at_work(self, world, create, read):
        run_id = self.preview(world, create())
        assert not read("editor", f"{RUNS}/{run_id}").select("noscript meta[http-equiv=refresh]")
        world.call("editor", "nd47_bulk_apply", id=run_id)
        page = read("editor", f"{RUNS}/{run_id}")
        assert page.select("head noscript meta[http-equiv=refresh]")
        assert page.select_one("progress")["max"] == "1"

    def test_offers_to_continue_what_was_interrupted(self, world, create, read, monkeypatch):
        run_id = self.preview(world, create())
        world.call("editor", "nd47_bulk_apply", id=run_id)
        monkeypatch.setattr(changes, "STALLED", changes.STALLED * 0)
        page = read("editor", f"{RUNS}/{run_id}")
        assert page.select_one("form[action$='/apply'] button")
        assert not page.select("meta[http-equiv=refresh]")

    def test_offers_nothing_where_all_or_nothing_is_refused(self, world, create, read):
        run_id = self.preview(world, create(), create("foreign"), all_or_nothing=True)
        page = read("editor", f"{RUNS}/{run_id}")
        assert page.select("form[action$='/apply']") == []
        assert page.select_one(".alert-warning")

    def test_is_refused_to_others(self, world, create, read, send):
        run_id = self.preview(world, create())
        for account in ("admin", "member", "stranger"):
            read(account, f"{RUNS}/{run_id}", status=403)
            for verb in ("apply", "undo"):
                send(account, f"{RUNS}/{run_id}/{verb}", status=403)

    @pytest.mark.parametrize("run_id", ["khong-co", "%00", "'", "a" * 300])
    def test_that_does_not_exist_is_not_found(self, read, run_id):
        read("sysadmin", f"{RUNS}/{run_id}", status=404)

    def test_an_order_of_another_site_is_refused(self, app, world, create):
        run_id = self.preview(world, create())
        answer = app.post(f"{RUNS}/{run_id}/apply", follow_redirects=False)
        assert "/user/login" in answer.headers["Location"]
        assert changes.progress(run_id)["state"] == "planned"

    def test_is_listed_with_what_was_asked_for(self, world, create, read):
        run_id = self.preview(world, create())
        page = read("editor", RUNS)
        assert page.select_one("tbody a")["href"].endswith(run_id)
        assert "Tần suất cập nhật" in titles(page)[0]
        assert titles(read("admin", RUNS)) == []

    def preview(self, world: World, *datasets: dict[str, Any], **more: Any) -> str:
        ids = [one["id"] for one in datasets]
        run = world.call("editor", "nd47_bulk_preview", datasets=ids, changes=[DAILY], **more)
        return run["id"]
