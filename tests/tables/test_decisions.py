"""Files with personal data are published only after a decision, which is recorded for ever."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.rules import file_facts, gate, records, report
from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.check_jobs import jobs, process
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.decisions import at_once, facts
from ckanext.nd47.tables.decisions.model import decisions
from tests.support.statements import statements
from tests.tables.test_checks import IDENTITY, PERSONAL, SOUND

RULE = "personal-data-decision"
LAW = "Điều 18 Luật Tiếp cận thông tin 104/2016/QH13"
MORE = PERSONAL.replace(b"ho_va_ten", b"ho_va_ten,dien_thoai").replace(b",0", b",0912345678,0")


@pytest.fixture
def decide(accounts):
    """Records a decision about a file, as an account."""

    def make(resource: dict[str, Any], decision: str, account: str = "editor", **more: Any) -> Any:
        context: Any = {"user": accounts.get(account, ""), "ignore_auth": False}
        return call_action(
            "nd47_personal_data_decide", context, id=resource["id"], decision=decision, **more
        )

    return make


def verdict(resource: dict[str, Any]) -> bool | None:
    """Return what the rule says about the dataset of a file."""
    dataset = records.by_id(resource["package_id"])
    assert dataset
    return next(one.met for one in report.examine(dataset) if one.rule.id == RULE)


def published(dataset_id: str, accounts: dict[str, str]) -> dict[str, Any]:
    """Publish a private dataset as its editor does."""
    return call_action(
        "package_patch", {"user": accounts["editor"], "ignore_auth": False}, id=dataset_id,
        private=False,
    )  # fmt: skip


def hide(resource: dict[str, Any]) -> str:
    """Make the dataset of a file private; return its id."""
    call_action("package_patch", id=resource["package_id"], private=True)
    return resource["package_id"]


class TestPublication:
    @pytest.fixture
    def only_this_rule(self, ckan_config):
        names = [rule.id for rule in report.edition.applied()["luat-20-2023"].edition.rules]
        levels = [f"{name}: {'error' if name == RULE else 'off'}" for name in names]
        ckan_config["ckanext.nd47.rules"] = "\n".join(levels)
        ckan_config["ckanext.nd47.rules_from"] = ""

    def test_by_default_the_rule_refuses(self):
        rule_set = report.edition.applied()["luat-20-2023"]
        assert {rule.id: level.value for rule, level in rule_set.rules}[RULE] == "error"

    def test_without_a_decision_it_is_refused_in_one_sentence(
        self, checked, accounts, only_this_rule
    ):
        dataset_id = hide(checked("a.csv", PERSONAL))
        with pytest.raises(gate.PublicationRefusedError) as refusal:
            published(dataset_id, accounts)
        words = " ".join(map(str, refusal.value.error_summary.values()))
        assert "a.csv" in words
        assert IDENTITY not in words
        assert len(refusal.value.error_summary) == 1

    def test_after_a_decision_it_is_published(self, checked, decide, accounts, only_this_rule):
        resource = checked("a.csv", PERSONAL)
        dataset_id = hide(resource)
        decide(resource, "public-by-law", basis=LAW)
        assert published(dataset_id, accounts)["private"] is False

    def test_a_portal_may_only_warn(self, checked, accounts, ckan_config, only_this_rule):
        levels = ckan_config["ckanext.nd47.rules"]
        ckan_config["ckanext.nd47.rules"] = levels.replace(f"{RULE}: error", f"{RULE}: warning")
        dataset_id = hide(checked("a.csv", PERSONAL))
        assert published(dataset_id, accounts)["private"] is False

    def test_a_file_without_personal_data_asks_for_nothing(self, checked):
        assert verdict(checked("a.csv", SOUND)) is None

    def test_a_file_that_is_not_checked_yet_asks_for_nothing(self, upload):
        assert verdict(upload("a.csv", PERSONAL)) is None


class TestDecisions:
    def test_it_is_recorded_with_who_and_when(self, checked, decide, accounts, check):
        resource = checked("a.csv", PERSONAL)
        assert check(resource["id"])["undecided"] == ["citizen-id", "person-name"]
        [one] = decide(resource, "public-by-law", basis=LAW)
        assert (one["decision"], one["basis"]) == ("public-by-law", LAW)
        assert one["moment"].endswith("+00:00")
        assert one["user_title"]
        assert check(resource["id"])["undecided"] == []
        assert verdict(resource) is True

    def test_the_history_names_kinds_and_columns_and_no_values(self, checked, decide):
        resource = checked("a.csv", PERSONAL)
        decide(resource, "de-identified")
        query = sa.select(decisions).where(decisions.c.resource_id == resource["id"])
        row = model.Session.execute(query).one()
        assert row.covered == ["citizen-id cccd", "person-name ho_va_ten"]
        assert IDENTITY not in str(row)

    @pytest.mark.parametrize(
        "statement", [sa.delete(decisions), sa.update(decisions).values(basis="khác")]
    )
    def test_nobody_changes_the_history(self, checked, decide, statement):
        decide(checked("a.csv", PERSONAL), "de-identified")
        with pytest.raises(IntegrityError):
            model.Session.execute(statement)
        model.Session.rollback()

    def test_the_history_outlives_the_dataset(self, checked, decide):
        resource = checked("a.csv", PERSONAL)
        decide(resource, "de-identified")
        call_action("dataset_purge", id=resource["package_id"])
        query = sa.select(decisions).where(decisions.c.resource_id == resource["id"])
        assert model.Session.execute(query).one()

    def test_that_a_file_is_de_identified_does_not_hold_for_the_next_one(
        self, checked, decide, check
    ):
        resource = checked("a.csv", PERSONAL)
        decide(resource, "de-identified")
        checked("b.csv", PERSONAL + b"Le Van C,001190000457\n", replace=resource["id"])
        assert check(resource["id"])["undecided"]

    def test_a_law_makes_the_same_columns_of_later_files_public(
        self, checked, decide, accounts, check
    ):
        resource = checked("a.csv", PERSONAL)
        decide(resource, "public-by-law", basis=LAW)
        checked("b.csv", PERSONAL + b"Le Van C,001190000457\n", replace=resource["id"])
        assert check(resource["id"])["undecided"] == []

    def test_it_does_not_cover_another_column(self, checked, decide, check):
        resource = checked("a.csv", PERSONAL)
        decide(resource, "public-by-law", basis=LAW)
        checked("b.csv", MORE, replace=resource["id"])
        assert check(resource["id"])["undecided"] == ["telephone"]
        assert verdict(resource) is False

    def test_it_can_be_taken_back(self, checked, decide, check):
        resource = checked("a.csv", PERSONAL)
        decide(resource, "public-by-law", basis=LAW)
        history = decide(resource, "revoked", basis="Ghi nhầm tệp")
        assert [one["decision"] for one in history] == ["revoked", "public-by-law"]
        assert check(resource["id"])["undecided"]


class TestWhatIsRefused:
    def test_a_law_without_its_name(self, checked, decide):
        with pytest.raises(tk.ValidationError) as refusal:
            decide(checked("a.csv", PERSONAL), "public-by-law", basis=" ")
        assert "basis" in refusal.value.error_dict

    def test_a_basis_is_not_cut_off(self, checked, decide):
        resource = checked("a.csv", PERSONAL)
        with pytest.raises(tk.ValidationError) as refusal:
            decide(resource, "public-by-law", basis="Luật " * 201)
        assert "basis" in refusal.value.error_dict
        assert call_action("nd47_personal_data_decision_list", id=resource["id"]) == []

    @pytest.mark.parametrize("decision", ["", "yes", "de_identified"])
    def test_a_decision_that_is_none(self, checked, decide, decision):
        with pytest.raises(tk.ValidationError) as refusal:
            decide(checked("a.csv", PERSONAL), decision)
        assert "decision" in refusal.value.error_dict

    def test_a_decision_about_a_file_that_was_replaced_meanwhile(
        self, checked, upload, decide, check
    ):
        resource = checked("a.csv", PERSONAL)
        seen = check(resource["id"])["version"]
        checked("b.csv", MORE, replace=resource["id"])
        with pytest.raises(tk.ValidationError):
            decide(resource, "de-identified", version=seen)

    def test_a_decision_before_the_check_has_ended(self, upload, decide):
        with pytest.raises(tk.ValidationError):
            decide(upload("a.csv", PERSONAL), "de-identified")

    def test_a_decision_about_a_file_without_personal_data(self, checked, decide):
        with pytest.raises(tk.ValidationError):
            decide(checked("a.csv", SOUND), "de-identified")

    @pytest.mark.parametrize("account", ["", "stranger", "member"])
    def test_who_may_not_edit_the_file(self, checked, decide, accounts, account):
        resource = checked("a.csv", PERSONAL)
        with pytest.raises(tk.NotAuthorized):
            decide(resource, "de-identified", account=account)
        context: Any = {"user": accounts.get(account, ""), "ignore_auth": False}
        with pytest.raises(tk.NotAuthorized):
            call_action("nd47_personal_data_decision_list", context, id=resource["id"])


class TestPage:
    @pytest.fixture
    def browse(self, app, accounts):
        user = model.User.get(accounts["editor"])
        token = call_action("api_token_create", user=accounts["editor"], name="trang")["token"]
        assert user

        def request(resource: dict[str, Any], form: dict[str, str] | None = None) -> Any:
            address = f"/dataset/{resource['package_id']}/resource/{resource['id']}/check"
            headers = {"Authorization": token}
            if form is None:
                return app.get(address, headers=headers)
            return app.post(f"{address}/decision", data=form, headers=headers)

        return request

    def test_it_asks_for_the_decision(self, checked, browse):
        page = BeautifulSoup(browse(checked("a.csv", PERSONAL)).body, "html.parser")
        assert len(page.select(".nd47-decision input[type=radio]")) == 2  # noqa: PLR2004
        assert not BeautifulSoup(browse(checked("b.csv", SOUND)).body, "html.parser").select(
            ".nd47-decision"
        )

    def test_it_records_and_shows_the_decision(self, checked, browse):
        resource = checked("a.csv", PERSONAL)
        form = {"decision": "public-by-law", "basis": LAW}
        page = BeautifulSoup(browse(resource, form).body, "html.parser")
        assert LAW in page.select(".nd47-decision table")[0].text

    def test_it_says_what_is_missing(self, checked, browse):
        page = browse(checked("a.csv", PERSONAL), {"decision": "public-by-law"})
        assert page.status_code == 200  # noqa: PLR2004
        assert BeautifulSoup(page.body, "html.parser").select(".nd47-decision .alert-danger")


def test_what_is_known_of_many_files_takes_a_constant_number_of_statements(checked):
    first = checked("a.csv", PERSONAL)
    with statements() as few:
        facts.of_resources([first["id"]])
    others = [checked("a.csv", PERSONAL)["id"] for _ in range(3)]
    with statements() as many:
        assert len(facts.of_resources([first["id"], *others])) == 4  # noqa: PLR2004
    assert len(many) == len(few)


def test_the_check_is_told_to_who_listens_in_its_transaction(upload):
    told: list[list[str]] = []

    def listen(dataset_ids: list[str]) -> None:
        told.append(dataset_ids)

    file_facts.changed.connect(listen)
    resource = upload("a.csv", PERSONAL)
    jobs.run(resource["id"])
    file_facts.changed.disconnect(listen)
    assert told == [[resource["package_id"]]]


class TestAtOnce:
    """A file whose check has not ended is examined when its dataset is published."""

    @pytest.fixture(autouse=True)
    def only_this_rule(self, ckan_config):
        names = [rule.id for rule in report.edition.applied()["luat-20-2023"].edition.rules]
        levels = [f"{name}: {'error' if name == RULE else 'off'}" for name in names]
        ckan_config["ckanext.nd47.rules"] = "\n".join(levels)
        ckan_config["ckanext.nd47.rules_from"] = ""

    @pytest.fixture
    def hidden(self, upload, ckan_config):
        """Uploads a file to a private dataset; nobody checks it."""

        def make(content: bytes, **fields: Any) -> dict[str, Any]:
            resource = upload("a.csv", content, **fields)
            with_rules = ckan_config["ckanext.nd47.rules_from"]
            ckan_config["ckanext.nd47.rules_from"] = "9999-12-31"
            hide(resource)
            ckan_config["ckanext.nd47.rules_from"] = with_rules
            return resource

        return make

    @pytest.fixture
    def slow(self, monkeypatch):
        """No examination ends while somebody waits."""
        monkeypatch.setattr(process, "examine_within", lambda *_: None)

    @staticmethod
    def age(resource: dict[str, Any], hours: int) -> None:
        """Let the check of a file have been asked for hours ago."""
        moment = dt.datetime.now(dt.timezone.utc) - dt.timedelta(hours=hours)
        model.Session.execute(
            sa.update(FileCheck)
            .where(FileCheck.resource_id == resource["id"])
            .values(requested=moment)
        )
        model.Session.commit()

    @staticmethod
    def state(resource: dict[str, Any]) -> str | None:
        model.Session.expire_all()
        check = model.Session.get(FileCheck, resource["id"])
        return check and check.state

    def test_a_file_with_personal_data_is_refused(self, hidden, accounts):
        resource = hidden(PERSONAL)
        assert self.state(resource) == "waiting"
        with pytest.raises(gate.PublicationRefusedError) as refusal:
            published(resource["package_id"], accounts)
        assert "a.csv" in str(refusal.value.error_summary)
        assert IDENTITY not in str(refusal.value.error_dict)

    def test_a_sound_file_is_published(self, hidden, accounts):
        assert published(hidden(SOUND)["package_id"], accounts)["private"] is False

    def test_what_was_found_can_be_decided_about_without_a_worker(
        self, hidden, accounts, decide, check
    ):
        resource = hidden(PERSONAL)
        with pytest.raises(gate.PublicationRefusedError):
            published(resource["package_id"], accounts)
        assert check(resource["id"])["undecided"] == ["citizen-id", "person-name"]
        assert "at_once" not in check(resource["id"])["understood"]
        decide(resource, "public-by-law", basis=LAW)
        assert published(resource["package_id"], accounts)["private"] is False

    def test_the_job_still_runs_and_says_which_columns_are_gone(self, hidden, accounts, upload):
        resource = hidden(SOUND)
        jobs.run(resource["id"])
        upload("a.csv", SOUND.replace(b"so_ho", b"khac"), replace=resource["id"])
        published(resource["package_id"], accounts)

        def codes() -> set[str]:
            model.Session.expire_all()
            found = model.Session.get_one(FileCheck, resource["id"])
            return {finding["code"] for finding in found.findings}

        at_once = codes()
        assert "missing-columns" in at_once
        assert resource["id"] in jobs.waiting_ids()
        jobs.run(resource["id"])
        assert codes() == at_once
        assert resource["id"] not in jobs.waiting_ids()

    def test_bulk_publication_asks_too(self, hidden, accounts):
        refused, sound = hidden(PERSONAL), hidden(SOUND)
        context: Any = {"user": accounts["sysadmin"]}
        for resource, is_refused in ((refused, True), (sound, False)):
            given = {"org_id": accounts["agency"], "datasets": [resource["package_id"]]}
            if is_refused:
                with pytest.raises(gate.PublicationRefusedError):
                    call_action("bulk_update_public", context, **given)
            else:
                call_action("bulk_update_public", context, **given)
            shown = call_action("package_show", id=resource["package_id"])
            assert shown["private"] is is_refused

    def test_a_file_that_takes_too_long_is_refused_in_one_sentence(self, hidden, accounts, slow):
        resource = hidden(SOUND)
        with pytest.raises(gate.FilesWaitError) as refusal:
            published(resource["package_id"], accounts)
        assert refusal.value.error_dict == {
            "message": [
                "The check of these files has not ended: a.csv. Publish the dataset again in a few "
                "minutes."
            ]
        }
        assert self.state(resource) == "waiting"

    def test_nobody_waits_for_a_job_that_does_not_run(self, hidden, accounts, slow):
        sound, personal = hidden(SOUND), hidden(PERSONAL)
        self.age(sound, 3)
        self.age(personal, 3)
        assert published(sound["package_id"], accounts)["private"] is False
        with pytest.raises(gate.PublicationRefusedError):
            published(personal["package_id"], accounts)

    def test_a_file_whose_check_nobody_asked_for_is_examined(self, hidden, accounts):
        resource = hidden(PERSONAL)
        model.Session.execute(sa.delete(FileCheck).where(FileCheck.resource_id == resource["id"]))
        model.Session.commit()
        with pytest.raises(gate.PublicationRefusedError):
            published(resource["package_id"], accounts)
        assert self.state(resource) == "done"

    def test_a_missing_file_does_not_prevent_the_publication(self, hidden, accounts, monkeypatch):
        def missing(*_: Any) -> Any:
            raise FileError("unreachable")

        resource = hidden(SOUND)
        monkeypatch.setattr(at_once.files, "local", missing)
        assert published(resource["package_id"], accounts)["private"] is False

    def test_a_linked_file_is_left_to_the_job(self, hidden, accounts, monkeypatch):
        resource = hidden(SOUND)
        call_action("resource_patch", id=resource["id"], url="https://a.example/a.csv",
                    url_type="")  # fmt: skip
        monkeypatch.setattr(process, "fetch", None)
        assert published(resource["package_id"], accounts)["private"] is False
        assert self.state(resource) == "waiting"

    def test_a_portal_that_only_warns_waits_for_nothing(self, hidden, accounts, ckan_config, slow):
        levels = ckan_config["ckanext.nd47.rules"]
        ckan_config["ckanext.nd47.rules"] = levels.replace(f"{RULE}: error", f"{RULE}: warning")
        resource = hidden(PERSONAL)
        assert published(resource["package_id"], accounts)["private"] is False
        assert self.state(resource) == "waiting"

    def test_a_draft_is_saved_without_an_examination(self, hidden, slow):
        resource = hidden(PERSONAL)
        call_action("package_patch", id=resource["package_id"], notes="Ghi chú")
        assert self.state(resource) == "waiting"
