"""The pages of the approval, with the clicks that they take."""

from __future__ import annotations

import io

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.tests.helpers import CKANTestApp

from ckanext.nd47.desk.approval import publication
from ckanext.nd47.desk.approval.cli import publish_scheduled
from tests.desk.approval.approval_office import (
    PNG,
    approved,
    axes_of,
    decided,
    is_public,
    office,
    sent,
    written,
)
from tests.desk.conftest import World, names

__all__ = ["office"]

OK, FORBIDDEN, MISSING = 200, 403, 404


def page(app: CKANTestApp, office: World, account: str, path: str, status: int = OK) -> str:
    reply = app.get(path, headers=office.headers(account), status=status)
    return reply.get_data(as_text=True)


def post(app: CKANTestApp, office: World, account: str, path: str, **form: object) -> str:
    reply = app.post(path, data=form, headers=office.headers(account), follow_redirects=True)
    return reply.get_data(as_text=True)


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


class TestWaiting:
    def test_ten_are_approved_in_four_clicks(self, app, office):
        ids = [sent(office) for _ in range(10)]
        path = "/work?kind="
        # What waits for the account, the page for many, all of that page.
        for wanted in ("kind=waiting-approval", "/work/approvals", "all=1"):
            links = soup(page(app, office, "approver", path)).select(".nd47-desk a[href]")
            path = next(str(link["href"]) for link in links if wanted in str(link["href"]))
        listed = soup(page(app, office, "approver", path))
        chosen = [box["value"] for box in listed.select("input[name=ids][checked]")]
        assert set(chosen) == set(ids)
        hidden = {
            str(one["name"]): str(one["value"]) for one in listed.select("input[name^=version-]")
        }
        # The fourth one sends the form, with nothing typed.
        form: dict[str, object] = {**hidden, "ids": chosen, "decision": "approve"}
        post(app, office, "approver", "/work/approvals", **form)
        assert all(is_public(dataset_id) for dataset_id in ids)

    def test_nothing_is_chosen_by_itself(self, app, office):
        sent(office)
        assert not soup(page(app, office, "approver", "/work/approvals")).select("[checked]")

    def test_what_others_decide_is_not_listed(self, app, office):
        dataset_id = sent(office)
        assert dataset_id not in page(app, office, "neighbour", "/work/approvals")

    def test_without_a_choice_the_page_says_so(self, app, office):
        dataset_id = sent(office)
        text = post(app, office, "approver", "/work/approvals", decision="approve")
        assert soup(text).select_one("[role=alert]")
        assert not is_public(dataset_id)

    def test_a_refusal_without_a_reason_keeps_the_choice(self, app, office):
        dataset_id = sent(office)
        text = post(app, office, "approver", "/work/approvals", ids=dataset_id, decision="refuse")
        assert soup(text).select_one(f"input[value='{dataset_id}'][checked]")
        assert axes_of(office, dataset_id)[0] == "cho-duyet"

    def test_a_foreign_dataset_is_refused(self, app, office):
        dataset_id = sent(office)
        headers = office.headers("neighbour")
        data = {"ids": dataset_id, "decision": "approve"}
        app.post("/work/approvals", data=data, headers=headers, status=FORBIDDEN)

    def test_visitors_log_in_first(self, app, office):
        reply = app.get("/work/approvals", follow_redirects=False)
        assert "login" in reply.headers["Location"]


class TestDataset:
    def test_the_officer_sends_it_from_its_page(self, app, office):
        dataset_id = written(office)
        path = f"/dataset/{dataset_id}/approval"
        assert soup(page(app, office, "editor", path)).select_one("form[action$='/approval/send']")
        post(app, office, "editor", f"{path}/send", note="Xin duyệt", approver="")
        assert axes_of(office, dataset_id)[0] == "cho-duyet"

    def test_the_approver_decides_there(self, app, office):
        dataset_id = sent(office)
        path = f"/dataset/{dataset_id}/approval"
        shown = soup(page(app, office, "approver", path))
        version = shown.select_one(f"input[name='version-{dataset_id}']")
        assert version is not None
        form = {f"version-{dataset_id}": version["value"], "decision": "approve"}
        post(app, office, "approver", f"{path}/decide", **form)
        assert is_public(dataset_id)

    def test_a_form_of_before_a_change_decides_nothing(self, app, office):
        dataset_id = sent(office)
        form = {f"version-{dataset_id}": "0", "decision": "approve"}
        text = post(app, office, "approver", f"/dataset/{dataset_id}/approval/decide", **form)
        assert soup(text).select_one(".alert-danger, .alert-error")
        assert not is_public(dataset_id)

    def test_a_moment_is_chosen_and_taken_away(self, app, office):
        dataset_id = written(office)
        path = f"/dataset/{dataset_id}/approval/schedule"
        post(app, office, "editor", path, at="31/12/2090 08:30")
        shown = office.call("editor", "nd47_approval_show", id=dataset_id)
        assert shown["scheduled_words"] == "31/12/2090 08:30"
        post(app, office, "editor", path, at="31/12/2090 08:30", clear="1")
        shown = office.call("editor", "nd47_approval_show", id=dataset_id)
        assert shown["scheduled_words"] == ""

    def test_a_moment_that_is_none_is_refused_on_the_page(self, app, office):
        dataset_id = written(office)
        text = post(app, office, "editor", f"/dataset/{dataset_id}/approval/schedule", at="mai")
        assert soup(text).select_one("[role=alert]")

    @pytest.mark.parametrize(("verb", "code"), [("suspend", "tam-dung"), ("withdraw", "thu-hoi")])
    def test_a_published_one_is_stopped_there(self, app, office, verb, code):
        dataset_id = approved(office)
        path = f"/dataset/{dataset_id}/approval/{verb}"
        post(app, office, "editor", path, reason="Có lỗi")
        assert axes_of(office, dataset_id)[1] == code

    def test_the_history_is_a_file_too(self, app, office):
        dataset_id = sent(office)
        path = f"/dataset/{dataset_id}/approval/history.csv"
        reply = app.get(path, headers=office.headers("editor"))
        assert reply.headers["Content-Type"].startswith("text/csv")
        assert "Đã kiểm tra số liệu." in reply.get_data(as_text=True)

    def test_the_file_of_a_decision_is_for_those_who_see_the_approval(self, app, office):
        dataset_id = sent(office)
        decided(office, dataset_id, decision_upload=FileStorage(io.BytesIO(PNG), "qd.png"))
        events = office.call("editor", "nd47_approval_history", id=dataset_id)["results"]
        file_id = next(one["file_id"] for one in events if one["file_id"])
        path = f"/dataset/{dataset_id}/approval/decision/{file_id}"
        assert app.get(path, headers=office.headers("editor")).data == PNG
        app.get(path, headers=office.headers("stranger"), status=FORBIDDEN)
        other = f"/dataset/{sent(office)}/approval/decision/{file_id}"
        app.get(other, headers=office.headers("editor"), status=MISSING)

    @pytest.mark.parametrize("account", ["stranger", "member", "leader", "neighbour"])
    def test_others_do_not_see_it(self, app, office, account):
        page(app, office, account, f"/dataset/{written(office)}/approval", FORBIDDEN)

    def test_a_dataset_that_is_not_there_is_not_found(self, app, office):
        page(app, office, "editor", "/dataset/khong-co/approval", MISSING)

    def test_the_page_of_the_dataset_leads_there(self, app, office):
        dataset_id = approved(office)
        name = model.Session.get_one(model.Package, dataset_id).name
        link = f"/dataset/{name}/approval"
        assert link in page(app, office, "editor", f"/dataset/{name}")
        assert link not in page(app, office, "stranger", f"/dataset/{name}")


class TestWorkList:
    def test_an_approver_sees_what_waits(self, office):
        dataset_id = sent(office)
        name = model.Session.get_one(model.Package, dataset_id).name
        assert names(office.work("approver", kind="waiting-approval")) == {name}
        assert names(office.work("neighbour", kind="waiting-approval")) == set()
        assert names(office.work("editor", kind="waiting-approval")) == set()

    def test_what_waits_is_no_draft_of_the_officer_any_more(self, office):
        sent(office)
        assert office.work("editor", kind="draft")["count"] == 0

    def test_what_came_back_is_listed_for_the_officer_alone(self, office):
        dataset_id = sent(office)
        decided(office, dataset_id, decision="ask-changes", reason="Sửa")
        name = model.Session.get_one(model.Package, dataset_id).name
        assert names(office.work("editor", kind="returned")) == {name}
        assert names(office.work("approver", kind="returned")) == set()

    def test_an_approver_without_other_roles_has_work(self, app, office):
        sent(office)
        assert "/work/approvals" in page(app, office, "approver", "/work?kind=waiting-approval")


class TestAdministrator:
    def test_an_agency_is_set_and_unset(self, app, office):
        path, agency = "/ckan-admin/nd47-work/approval", office.agencies["foreign"]["id"]
        form = {"agency": agency, "required": "true", "step-1": "agency", "step-2": "above"}
        text = post(app, office, "sysadmin", path, **form)
        assert "Sở Y tế" in text
        listed = office.call("sysadmin", "nd47_approval_setting_list")["agencies"]
        chains = {one["agency_id"]: one["chain"] for one in listed}
        assert chains[agency] == ["agency", "above"]
        post(app, office, "sysadmin", path, agency=agency)
        listed = office.call("sysadmin", "nd47_approval_setting_list")["agencies"]
        assert agency not in {one["agency_id"] for one in listed}

    def test_a_wrong_agency_is_told(self, app, office):
        text = post(app, office, "sysadmin", "/ckan-admin/nd47-work/approval", agency="x")
        assert "error" in text

    def test_nobody_else_opens_it(self, app, office):
        page(app, office, "admin", "/ckan-admin/nd47-work/approval", FORBIDDEN)

    def test_roles_are_given_on_their_page(self, app, office):
        path = "/ckan-admin/nd47-work/leaders"
        form = {
            "agency": office.agencies["own"]["id"],
            "user": office.accounts["stranger"],
            "role": "approver",
        }
        post(app, office, "sysadmin", path, **form)
        roles = office.call("sysadmin", "nd47_account_role_list")
        given = {(one["user_name"], one["role"]) for one in roles}
        assert (office.accounts["stranger"], "approver") in given
        post(app, office, "sysadmin", f"{path}/revoke", **form)
        roles = office.call("sysadmin", "nd47_account_role_list")
        given = {(one["user_name"], one["role"]) for one in roles}
        assert (office.accounts["stranger"], "approver") not in given


def test_the_command_publishes_what_is_due(office):
    dataset_id = written(office, "foreign", "sysadmin")
    office.call("sysadmin", "nd47_publication_schedule", id=dataset_id, at="31/12/2090 08:30")
    assert publication.publish_due() == (0, 0)
    result = CliRunner().invoke(publish_scheduled)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("0 datasets published")
