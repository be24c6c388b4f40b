"""The gate of publication, by every way on which a dataset becomes public or stays so."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.rules import gate
from tests.metadata.conftest import PROPOSED, Create

from .conftest import errors_of, stored

RULES = "ckanext.nd47.rules"
RULES_FROM = "ckanext.nd47.rules_from"
RULES_FOR_ALL_FROM = "ckanext.nd47.rules_for_all_from"

CSV = {"url": "https://du-lieu.example/truong.csv", "name": "Danh sách", "format": "CSV"}
DOC = {"url": "https://du-lieu.example/truong.doc", "name": "Bản in", "format": "DOC"}
OPEN: dict[str, Any] = {"resources": [CSV]}
"""What a dataset needs beside title and agency: the rest is filled in."""
CLOSED_LICENCE = {"license_id": "other-closed"}

pytestmark = pytest.mark.usefixtures("portal", "rules_in_force")


@pytest.fixture
def rules_in_force(ckan_config: Any) -> Iterator[None]:
    ckan_config[RULES_FROM] = ""
    yield
    model.Session.rollback()


@pytest.fixture
def legacy(create: Create, ckan_config: Any) -> dict[str, Any]:
    """A dataset with gaps, published before the rules took force."""
    ckan_config[RULES_FROM] = "9999-12-31"
    found = create(**CLOSED_LICENCE, resources=[DOC])
    ckan_config[RULES_FROM] = ""
    return found


def refused_fields(action: str, **arguments: Any) -> set[str]:
    """Call an action that is to be refused, and return the fields with a message."""
    with pytest.raises(tk.ValidationError) as refusal:
        call_action(action, **arguments)
    return set(errors_of(refusal))


class TestCreate:
    def test_a_dataset_that_meets_the_rules_is_published(self, create: Create) -> None:
        assert create(**OPEN)["state"] == "active"

    def test_a_dataset_without_data_is_refused(self, create: Create) -> None:
        with pytest.raises(tk.ValidationError) as refusal:
            create()
        assert set(errors_of(refusal)) == {"resources"}

    def test_every_unmet_rule_is_named_at_once(self, create: Create) -> None:
        with pytest.raises(tk.ValidationError) as refusal:
            create(**CLOSED_LICENCE, access_rights="khong-duoc-cong-khai", resources=[DOC])
        errors = errors_of(refusal)
        assert set(errors) == {"license_id", "access_rights", "resources"}
        assert len(errors["access_rights"]) == 2
        assert set(refusal.value.error_summary) == {"Licence", "Disclosure", "Resources"}

    def test_a_message_names_clause_and_remedy(self, create: Create) -> None:
        with pytest.raises(tk.ValidationError) as refusal:
            create(**OPEN, **CLOSED_LICENCE)
        words = errors_of(refusal)["license_id"][0]
        assert "Article 43(4) of the Law on Electronic Transactions 20/2023/QH15" in words
        assert "Choose an open licence" in words

    def test_a_wrong_form_and_an_unmet_rule_are_told_together(self, create: Create) -> None:
        with pytest.raises(tk.ValidationError) as refusal:
            create(**OPEN, **CLOSED_LICENCE, issued="31/02/2024", contact=[{"email": "x"}])
        assert set(errors_of(refusal)) == {"license_id", "issued", "contact"}

    def test_nothing_is_stored_of_a_refused_dataset(self, create: Create) -> None:
        with pytest.raises(tk.ValidationError):
            create(name="bi-tu-choi")
        assert model.Package.by_name("bi-tu-choi") is None

    def test_a_private_dataset_is_free(self, create: Create) -> None:
        assert create(private=True)["private"] is True

    def test_data_that_are_not_open_need_no_open_licence(self, create: Create) -> None:
        found = create(**OPEN, **CLOSED_LICENCE, sharing_class="du-lieu-dung-chung")
        assert found["state"] == "active"

    def test_a_price_is_refused_at_the_field_that_states_it(self, create: Create) -> None:
        with pytest.raises(tk.ValidationError) as refusal:
            create(**OPEN, extras=[{"key": "fee", "value": "50000"}])
        assert set(errors_of(refusal)) == {"fee"}


class TestDrafts:
    def test_a_draft_saves_with_everything_missing(self, create: Create) -> None:
        assert create(state="draft")["state"] == "draft"

    def test_an_editor_may_begin_with_a_draft_by_the_api(self, department: dict[str, Any]) -> None:
        """CKAN would publish it at once, which the rules refuse for want of a file."""
        editor = factories.User()
        call_action(
            "organization_member_create",
            id=department["id"],
            username=editor["name"],
            role="editor",
        )
        draft = call_action(
            "package_create",
            context={"user": editor["name"], "ignore_auth": False},
            name="nhap-cua-bien-tap",
            title="Nháp",
            owner_org=department["id"],
            state="draft",
        )
        assert draft["state"] == "draft"

    def test_a_draft_stays_free_while_it_is_edited(self, create: Create) -> None:
        draft = create(state="draft")
        call_action("package_patch", id=draft["id"], license_id="", title="Khác")

    def test_a_draft_loses_its_last_file(self, create: Create) -> None:
        draft = create(state="draft", **OPEN)
        call_action("resource_delete", id=draft["resources"][0]["id"])


class TestPublish:
    def test_a_draft_of_no_class_is_held_against_the_rules_for_open_data(
        self, create: Create
    ) -> None:
        """It is what the form proposes; else leaving out its second page would pass the gate."""
        draft = create(state="draft", **dict.fromkeys(PROPOSED, ""))
        refused = refused_fields("package_patch", id=draft["id"], state="active")
        assert {"license_id", "resources"} <= refused

    """CKAN 2.12 publishes by saving the state: forms by `package_patch` or `package_update`."""

    def test_by_patch(self, create: Create) -> None:
        draft = create(state="draft", **CLOSED_LICENCE)
        fields = refused_fields("package_patch", id=draft["id"], state="active")
        assert fields == {"license_id", "resources"}
        assert stored(draft).state == "draft"

    def test_by_update(self, create: Create) -> None:
        draft = create(state="draft")
        assert refused_fields("package_update", **{**draft, "state": "active"}) == {"resources"}

    def test_by_update_without_resources_which_keeps_those_stored(self, create: Create) -> None:
        draft = create(state="draft", **OPEN)
        del draft["resources"]
        assert call_action("package_update", **{**draft, "state": "active"})["state"] == "active"

    def test_by_revise(self, create: Create) -> None:
        draft = create(state="draft")
        fields = refused_fields(
            "package_revise", match={"id": draft["id"]}, update={"state": "active"}
        )
        assert fields == {"resources"}

    def test_by_making_a_private_dataset_public(self, create: Create) -> None:
        dataset = create(private=True)
        assert refused_fields("package_patch", id=dataset["id"], private=False) == {"resources"}

    def test_by_restoring_a_deleted_dataset(self, create: Create) -> None:
        draft = create(state="draft")
        call_action("package_delete", id=draft["id"])
        assert refused_fields("package_patch", id=draft["id"], state="active") == {"resources"}

    def test_a_complete_draft_is_published(self, create: Create) -> None:
        draft = create(state="draft")
        call_action("resource_create", package_id=draft["id"], **CSV)
        published = call_action("package_patch", id=draft["id"], state="active")
        assert published["state"] == "active"
        assert published["issued"]

    def test_the_public_cannot_see_when_it_passed(self, create: Create) -> None:
        dataset = create(**OPEN)
        shown = call_action("package_show", id=dataset["id"])
        assert gate.PUBLISHED not in str(shown)
        assert gate.was_published_under_rules(stored(dataset))


class TestManyAtOnce:
    def test_none_is_made_public_where_one_may_not_be(
        self, create: Create, department: dict[str, Any]
    ) -> None:
        good, bad = create(private=True, **OPEN), create(private=True, title="Chưa có tệp")
        with pytest.raises(tk.ValidationError) as refusal:
            call_action(
                "bulk_update_public", datasets=[good["id"], bad["id"]], org_id=department["id"]
            )
        assert set(errors_of(refusal)) == {"Chưa có tệp"}
        assert stored(good).private is True

    def test_all_are_made_public_where_all_may_be(
        self, create: Create, department: dict[str, Any]
    ) -> None:
        pair = [create(private=True, **OPEN)["id"] for _ in range(2)]
        call_action("bulk_update_public", datasets=pair, org_id=department["id"])
        assert not any(stored({"id": one}).private for one in pair)

    def test_a_dataset_of_another_agency_is_left_alone(
        self, create: Create, province: dict[str, Any]
    ) -> None:
        other = create(private=True)
        call_action("bulk_update_public", datasets=[other["id"]], org_id=province["id"])
        assert stored(other).private is True


class TestPublished:
    """A dataset that was published under the rules has to go on meeting them."""

    def test_a_field_that_the_rules_need_cannot_be_emptied(self, create: Create) -> None:
        dataset = create(**OPEN)
        fields = refused_fields("package_patch", id=dataset["id"], license_id="other-closed")
        assert fields == {"license_id"}

    def test_a_resource_alone_is_changed(self, create: Create) -> None:
        """CKAN does not show unchanged resources to validators: the rules see them all the same."""
        dataset = create(resources=[CSV, DOC])
        doc = dataset["resources"][1]
        call_action("resource_patch", id=doc["id"], description="Bản in của danh sách")
        call_action("package_patch", id=dataset["id"], title="Tên khác")

    def test_the_only_open_resource_cannot_become_closed(self, create: Create) -> None:
        dataset = create(resources=[DOC, CSV])
        csv = dataset["resources"][1]
        assert refused_fields("resource_patch", id=csv["id"], format="DOC") == {"resources"}

    def test_the_only_resource_cannot_be_deleted(self, create: Create) -> None:
        dataset = create(**OPEN)
        fields = refused_fields("resource_delete", id=dataset["resources"][0]["id"])
        assert fields == {"resources"}
        assert len(call_action("package_show", id=dataset["id"])["resources"]) == 1

    def test_one_of_two_resources_can_be_deleted(self, create: Create) -> None:
        dataset = create(resources=[CSV, DOC])
        call_action("resource_delete", id=dataset["resources"][1]["id"])

    def test_resources_can_be_put_in_another_order(self, create: Create) -> None:
        dataset = create(resources=[DOC, CSV])
        order = [resource["id"] for resource in reversed(dataset["resources"])]
        call_action("package_resource_reorder", id=dataset["id"], order=order)

    def test_a_resource_of_a_wrong_form_keeps_its_message(self, create: Create) -> None:
        dataset = create(**OPEN)
        csv = dataset["resources"][0]
        fields = refused_fields("resource_patch", id=csv["id"], format="DOC", period="sometime")
        assert fields == {"period"}

    def test_it_can_be_withdrawn_with_gaps(self, create: Create) -> None:
        dataset = create(**OPEN)
        withdrawn = call_action(
            "package_patch", id=dataset["id"], state="draft", license_id="other-closed"
        )
        assert withdrawn["state"] == "draft"

    def test_a_rule_that_the_portal_has_since_sharpened_stops_no_correction(
        self, create: Create, ckan_config: Any
    ) -> None:
        dataset = create(**OPEN)
        ckan_config[RULES] = "catalogue-entry: error"
        call_action("package_patch", id=dataset["id"], title="Tên đã sửa")
        fields = refused_fields("package_patch", id=dataset["id"], license_id="other-closed")
        assert fields == {"license_id"}

    def test_published_anew_it_is_held_against_the_sharpened_rule(
        self, create: Create, ckan_config: Any
    ) -> None:
        dataset = create(**OPEN)
        call_action("package_patch", id=dataset["id"], state="draft")
        ckan_config[RULES] = "catalogue-entry: error"
        fields = refused_fields("package_patch", id=dataset["id"], state="active")
        assert fields == {"catalogue_entry"}


class TestLegacy:
    """What was published before the rules took force is free until it is published again."""

    def test_it_is_edited_and_saved_with_its_gaps(self, legacy: dict[str, Any]) -> None:
        call_action("package_patch", id=legacy["id"], title="Tên đã sửa")
        call_action("package_update", **{**legacy, "notes": "Mô tả"})

    def test_it_may_even_lose_what_it_had(self, legacy: dict[str, Any]) -> None:
        call_action("resource_delete", id=legacy["resources"][0]["id"])

    def test_publishing_it_again_is_refused(self, legacy: dict[str, Any]) -> None:
        call_action("package_patch", id=legacy["id"], state="draft")
        fields = refused_fields("package_patch", id=legacy["id"], state="active")
        assert fields == {"license_id", "resources"}

    def test_from_the_day_that_the_portal_sets_it_is_bound(
        self, legacy: dict[str, Any], ckan_config: Any
    ) -> None:
        today = dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date()
        ckan_config[RULES_FOR_ALL_FROM] = (today + dt.timedelta(days=1)).isoformat()
        call_action("package_patch", id=legacy["id"], title="Hôm nay còn được")
        ckan_config[RULES_FOR_ALL_FROM] = today.isoformat()
        fields = refused_fields("package_patch", id=legacy["id"], title="Từ nay thì không")
        assert fields == {"license_id", "resources"}

    def test_nothing_is_refused_before_the_rules_take_force(
        self, create: Create, ckan_config: Any
    ) -> None:
        ckan_config[RULES_FROM] = "9999-12-31"
        create(**CLOSED_LICENCE)

    def test_what_passed_before_a_later_first_day_counts_as_older(
        self, create: Create, ckan_config: Any
    ) -> None:
        dataset = create(**OPEN)
        package = stored(dataset)
        package.plugin_data = {"nd47": {gate.PUBLISHED: "2026-01-05"}}
        model.Session.commit()
        ckan_config[RULES_FROM] = "2026-02-01"
        call_action("package_patch", id=dataset["id"], license_id="other-closed")


class TestLevels:
    @pytest.mark.parametrize("level", ["warning", "off"])
    def test_a_rule_that_is_no_error_refuses_nothing(
        self, level: str, create: Create, ckan_config: Any
    ) -> None:
        ckan_config[RULES] = f"open-licence: {level}"
        assert create(**OPEN, **CLOSED_LICENCE)["state"] == "active"

    def test_a_rule_made_an_error_refuses(self, create: Create, ckan_config: Any) -> None:
        ckan_config[RULES] = "described: error\ncatalogue-entry: error"
        with pytest.raises(tk.ValidationError) as refusal:
            create(**OPEN)
        assert set(errors_of(refusal)) == {"notes", "catalogue_entry"}
        # A form shows the message of a group beside one of its subfields.
        assert errors_of(refusal)["catalogue_entry"][0]["decision_number"]

    def test_decree_47_binds_more_on_a_portal_that_applies_it(
        self, create: Create, ckan_config: Any
    ) -> None:
        ckan_config["ckanext.nd47.legal_edition"] = "nd-47-2020"
        with pytest.raises(tk.ValidationError) as refusal:
            create(**OPEN, applicable_legislation=["nd-47-2020"])
        assert set(errors_of(refusal)) == {
            "personal_data_assessment",
            "security_assessment",
        }
        assert "47/2020" in str(errors_of(refusal))

    def test_a_record_on_another_legal_basis_is_not_told_to_follow_decree_47(
        self, create: Create, ckan_config: Any
    ) -> None:
        ckan_config["ckanext.nd47.legal_edition"] = "nd-47-2020"
        create(**OPEN, applicable_legislation=["luat-20-2023"])


class TestWhoAndWhen:
    def test_who_may_not_edit_hears_that_first(self, create: Create) -> None:
        draft = create(state="draft")
        stranger = factories.User()
        with pytest.raises(tk.NotAuthorized):
            call_action(
                "package_patch",
                context={"user": stranger["name"], "ignore_auth": False},
                id=draft["id"],
                state="active",
            )

    def test_a_second_writer_is_held_against_what_the_first_has_left(self, create: Create) -> None:
        """One publishes while another, who read the draft before, empties what the rules need."""
        draft = create(state="draft", **OPEN)
        model.Session.commit()
        outcome: list[Any] = []

        def second() -> None:
            try:
                stale = {k: v for k, v in draft.items() if k != "state"}
                outcome.append(call_action("package_update", **{**stale, **CLOSED_LICENCE}))
            except tk.ValidationError as error:
                outcome.append(error)
            finally:
                model.Session.remove()

        package = model.Package.get(draft["id"], for_update=True)
        assert package
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(timeout=1)
        waited = thread.is_alive()
        package.state = "active"
        package.plugin_data = {"nd47": {gate.PUBLISHED: "2026-11-22"}}
        model.Session.commit()
        thread.join(timeout=30)
        assert waited
        assert isinstance(outcome[0], tk.ValidationError)
        assert set(outcome[0].error_dict) == {"license_id"}
