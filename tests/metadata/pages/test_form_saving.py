"""Where a form leads once it is sent, and that nothing typed is lost."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from tests.metadata.conftest import new_name

pytestmark = pytest.mark.usefixtures("portal", "without_rules")

ENTRY = "0123456789abcdef"


@pytest.fixture
def draft(create):
    """A draft as the first page of the form makes it."""
    return create(state="draft")


@pytest.fixture
def send(app, officer):
    """Send a form as an officer."""

    def post(path: str, headers: dict[str, str] | None = None, **data: Any) -> Any:
        chosen = officer if headers is None else headers
        return app.post(path, headers=chosen, data=data, follow_redirects=False)

    return post


def path_of(answer: Any) -> str:
    return urlsplit(answer.headers["Location"]).path


class TestButtons:
    def test_saving_the_draft_stays_on_its_page(self, send, draft):
        path = f"/en/dataset/new/{draft['name']}/2"
        answer = send(f"{path}?then=stay", provenance="Báo cáo của xã", save="save")
        assert path_of(answer) == path
        assert call_action("package_show", id=draft["id"])["provenance"] == "Báo cáo của xã"

    def test_first_saving_stays_on_the_first_page(self, send, department):
        name = new_name()
        data = {"title": "Bản mới", "name": name, "owner_org": department["id"]}
        answer = send("/en/dataset/new?then=stay", _ckan_phase="1", save="save", **data)
        assert path_of(answer) == f"/en/dataset/new/{name}/1"
        assert call_action("package_show", id=name)["state"] == "draft"

    def test_without_it_the_next_page_comes(self, send, draft):
        answer = send(f"/en/dataset/new/{draft['name']}/1", title="Bản nháp", save="save")
        assert path_of(answer) == f"/en/dataset/new/{draft['name']}/2"

    def test_previous_saves_too(self, send, draft):
        path = f"/en/dataset/new/{draft['name']}/2?then=previous"
        answer = send(path, provenance="Báo cáo", save="save")
        assert path_of(answer) == f"/en/dataset/new/{draft['name']}/1"
        assert call_action("package_show", id=draft["id"])["provenance"] == "Báo cáo"

    def test_empty_form_of_a_file_is_no_file_and_publishes_nothing(self, send, draft):
        path = f"/en/dataset/{draft['name']}/resource/new?then=stay"
        answer = send(path, id="", save="go-dataset")
        assert path_of(answer) == f"/en/dataset/{draft['name']}"
        shown = call_action("package_show", id=draft["id"])
        assert (shown["state"], shown["resources"]) == ("draft", [])

    def test_file_is_saved_with_the_draft(self, send, draft):
        path = f"/en/dataset/{draft['name']}/resource/new?then=previous"
        answer = send(path, id="", url="https://so.example/a.csv", save="go-dataset")
        assert path_of(answer) == f"/en/dataset/new/{draft['name']}/2"
        shown = call_action("package_show", id=draft["id"])
        assert (shown["state"], len(shown["resources"])) == ("draft", 1)

    def test_unknown_destination_changes_nothing(self, send, draft):
        path = f"/en/dataset/new/{draft['name']}/1?then=https://x.example"
        answer = send(path, title="Bản nháp", save="save")
        assert path_of(answer) == f"/en/dataset/new/{draft['name']}/2"

    def test_refused_form_goes_nowhere(self, send, draft):
        path = f"/en/dataset/new/{draft['name']}/2?then=stay"
        assert send(path, issued="31/02/2024", save="save").status_code == 200

    @pytest.mark.parametrize("page", ["0", "-1", "99", "x", "٣", "1" * 500])
    def test_wrong_page_is_not_found(self, send, draft, page):
        path = f"/en/dataset/new/{draft['name']}/{page}?then=previous"
        assert send(path, title="x", save="save").status_code == 404


class TestSession:
    @pytest.mark.parametrize(
        "path", ["/dataset/new", "/dataset/new/{name}/1", "/dataset/{name}/resource/new"]
    )
    def test_ended_leads_to_log_in_and_back_to_the_form(self, send, draft, path):
        path = path.format(name=draft["name"])
        answer = send(f"{path}?then=stay", headers={}, title="Đã gõ", save="save")
        assert answer.status_code == 302
        assert path_of(answer).endswith("/user/login")
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert urlsplit(query["came_from"][0]).path == path
        assert call_action("package_show", id=draft["id"])["title"] == draft["title"]

    def test_other_forms_are_none_of_its_business(self, app):
        answer = app.post("/user/login", data={"login": "x"}, follow_redirects=False)
        assert "came_from" not in answer.headers.get("Location", "")


class TestCookie:
    @pytest.fixture
    def saved(self, app, officer, draft):
        """Send a form with the id of an entry; return the id that the browser is told."""

        def post(entry: str, path: str = "1", *, logged_in: bool = True, **data: str) -> str:
            client = app.test_client()
            client.set_cookie(
                "nd47-sent", entry, domain=urlsplit(tk.config["ckan.site_url"]).hostname
            )
            answer = client.post(
                f"/en/dataset/new/{draft['name']}/{path}",
                headers=officer if logged_in else {},
                data={"save": "save", **data},
                follow_redirects=False,
            )
            cookies = answer.headers.getlist("Set-Cookie")
            found = [cookie for cookie in cookies if cookie.startswith("nd47-saved=")]
            return found[0].partition(";")[0].partition("=")[2] if found else ""

        return post

    def test_tells_the_browser_what_was_saved(self, saved):
        assert saved(ENTRY, title="Bản") == ENTRY

    def test_is_not_set_if_the_form_was_refused(self, saved):
        assert not saved(ENTRY, "2", issued="31/02/2024")

    def test_is_not_set_if_the_session_has_ended(self, saved):
        assert not saved(ENTRY, logged_in=False, title="Bản")

    @pytest.mark.parametrize("entry", ["", "x", "<b>", "a" * 41, "abc; path=/x"])
    def test_echoes_nothing_but_an_id(self, saved, entry):
        assert not saved(entry, title="Bản")


class TestForm:
    def test_names_the_account_whose_typing_is_kept(self, browse, officer, draft):
        page = browse(f"/en/dataset/new/{draft['name']}/1", headers=officer)
        assert page.select_one("form.nd47-form")["data-nd47-account"]
        assert page.select_one("[data-nd47-kept]").has_attr("hidden")

    def test_draft_has_a_button_of_its_own_on_every_step(self, browse, officer, draft):
        for path in ("/dataset/new", f"/dataset/new/{draft['name']}/2"):
            page = browse(f"/vi{path}", headers=officer)
            (button,) = page.select(".nd47-actions [formaction$='then=stay']")
            assert button.get_text(strip=True) == "Lưu bản nháp"
        page = browse(f"/vi/dataset/{draft['name']}/resource/new", headers=officer)
        assert len(page.select(".nd47-actions [formaction$='then=stay']")) == 1

    def test_published_dataset_has_none(self, browse, officer, create):
        page = browse(f"/en/dataset/edit/{create()['name']}/1", headers=officer)
        assert not page.select("[formaction$='then=stay']")
