"""The page before a publication."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from tests.desk.conftest import World
from tests.desk.publishing.conftest import parsed

ACTIONS = ("nd47_publication_review", "nd47_dataset_publish", "nd47_period_propose")


class TestReview:
    def test_shows_what_citizens_will_see_and_how_to_mend_it(self, read, draft, with_rules):
        made = draft(notes="Danh sách các trường trong tỉnh")
        page = read("editor", f"/vi/dataset/{made['name']}/publish")
        text = page.select_one(".nd47-review").get_text(" ", strip=True)
        assert "Bản thảo" in text
        assert "Danh sách các trường trong tỉnh" in text
        rules = page.select(".nd47-review-rules li")
        assert rules
        assert all(rule.select_one("a")["href"] for rule in rules)

    def test_remedy_leads_to_the_field(self, world: World, draft, with_rules):
        made = draft()
        found = world.call("editor", "nd47_publication_review", id=made["name"])
        assert found["refused"]
        (rule,) = [one for one in found["rules"] if one["url"].endswith("#field-notes")]
        assert f"/dataset/edit/{made['name']}/1" in rule["url"]

    def test_publishing_says_where_the_dataset_is(self, send, read, draft, without_rules):
        made = draft()
        answer = send("editor", f"/vi/dataset/{made['name']}/publish", publish="1")
        assert urlsplit(answer.headers["Location"]).path.endswith(f"/dataset/{made['name']}")
        assert call_action("package_show", id=made["id"])["state"] == "active"

    def test_what_a_rule_refuses_stays_a_draft_and_says_why(self, send, draft, with_rules):
        made = draft()
        answer = send("editor", f"/vi/dataset/{made['name']}/publish", publish="1")
        assert answer.status_code == 200
        page = parsed(answer)
        assert page.select(".nd47-problems li")
        assert call_action("package_show", id=made["id"])["state"] == "draft"

    def test_private_dataset_is_not_told_to_meet_rules_first(self, read, draft, with_rules):
        made = draft(private=True)
        page = read("editor", f"/vi/dataset/{made['name']}/publish")
        text = page.select_one(".nd47-review").get_text(" ", strip=True)
        assert "thành viên của cơ quan sẽ thấy" in text
        assert page.select_one("#private-yes").has_attr("checked")

    def test_private_draft_is_published_for_its_agency_without_rules(self, send, draft, with_rules):
        made = draft(private=True)
        send("editor", f"/dataset/{made['name']}/publish", publish="1", private="true")
        shown = call_action("package_show", id=made["id"])
        assert (shown["state"], shown["private"]) == ("active", True)

    def test_private_dataset_becomes_public_only_under_the_rules(self, send, draft, with_rules):
        made = draft(private=True)
        answer = send("editor", f"/dataset/{made['name']}/publish", publish="1", private="false")
        assert answer.status_code == 200
        assert call_action("package_show", id=made["id"])["private"] is True

    def test_public_dataset_has_nothing_to_review(self, app, world: World, create):
        made = create()
        path = f"/dataset/{made['name']}/publish"
        answer = app.get(path, headers=world.headers("editor"), follow_redirects=False)
        assert answer.status_code == 302

    def test_approval_is_not_offered_where_the_portal_has_none(self, read, draft):
        page = read("editor", f"/vi/dataset/{draft()['name']}/publish")
        buttons = {button["name"] for button in page.select("form.nd47-review-part button")}
        assert buttons == {"publish", "schedule"}


class TestAccess:
    @pytest.mark.parametrize("page", ["publish", "new-period"])
    def test_visitors_log_in_first(self, app, draft, page):
        answer = app.get(f"/dataset/{draft()['name']}/{page}", follow_redirects=False)
        assert answer.status_code == 302
        assert "/user/login" in answer.headers["Location"]

    @pytest.mark.parametrize("page", ["publish", "new-period"])
    @pytest.mark.parametrize("account", ["stranger", "member", "leader"])
    def test_who_may_not_edit_is_refused(self, app, world: World, create, page, account):
        path = f"/dataset/{create()['name']}/{page}"
        app.get(path, headers=world.headers(account), status=403)
        app.post(path, headers=world.headers(account), data={"publish": "1"}, status=403)

    @pytest.mark.parametrize("action", ACTIONS)
    def test_actions_refuse_editors_of_other_agencies(self, world: World, create, action):
        with pytest.raises(tk.NotAuthorized):
            world.call("editor", action, id=create("foreign")["id"])

    @pytest.mark.parametrize("page", ["publish", "new-period", "publish?then=publish"])
    def test_unknown_dataset_is_not_found(self, app, world: World, page):
        app.get(f"/dataset/khong-co/{page}", headers=world.headers("sysadmin"), status=404)


class TestFromTheForm:
    def test_last_step_leads_to_the_review(self, send, draft):
        made = draft()
        path = f"/en/dataset/{made['name']}/resource/new?then=publish"
        answer = send("editor", path, id="", url="https://so.example/a.csv", save="go-dataset")
        assert urlsplit(answer.headers["Location"]).path == f"/en/dataset/{made['name']}/publish"
        shown = call_action("package_show", id=made["id"])
        assert (shown["state"], len(shown["resources"])) == ("draft", 1)

    @pytest.mark.parametrize(("then", "page"), [("?then=stay", 1), ("", 2)])
    def test_name_that_the_portal_made_is_gone_on_with(
        self, send, world: World, then: str, page: int
    ):
        data = {"title": "Bản chưa có tên", "name": "", "save": "save", "_ckan_phase": "1"}
        owner = world.agencies["own"]["id"]
        answer = send("editor", f"/en/dataset/new{then}", owner_org=owner, **data)
        path = urlsplit(answer.headers["Location"]).path
        name = path.split("/")[-2]
        assert path == f"/en/dataset/new/{name}/{page}"
        assert call_action("package_show", id=name)["title"] == "Bản chưa có tên"

    def test_draft_leads_there_too(self, read, draft):
        made = draft()
        page = read("editor", f"/vi/dataset/{made['name']}")
        assert page.select_one(".nd47-draft .btn-primary")["href"].endswith("/publish")

    def test_button_of_the_last_step_publishes_nothing(self, read, draft):
        made = draft()
        page = read("editor", f"/vi/dataset/{made['name']}/resource/new")
        button = page.select_one(".nd47-actions .btn-primary")
        assert button["value"] == "go-dataset"
        assert button["formaction"].endswith("then=publish")


class TestWayToIt:
    def test_overdue_row_leads_to_the_next_period(self, world: World, overdue):
        made = overdue()
        (item,) = world.work("editor", kind="overdue")["results"]
        assert item["url"].endswith(f"/dataset/{made['name']}/new-period")

    def test_page_of_the_dataset_has_the_button_for_editors_alone(self, read, create):
        path = f"/vi/dataset/{create()['name']}"
        assert read("editor", path).select(".nd47-dataset-actions a[href$='/new-period']")
        assert not read("stranger", path).select("a[href$='/new-period']")
