"""Who may not do something costs nothing: access is checked before any work and any lock."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckan.types import Context

from ckanext.nd47.agencies import migrated
from ckanext.nd47.agencies.import_export import action as import_action
from ckanext.nd47.agencies.logic import action as agency_action
from ckanext.nd47.agencies.logic import focal_point_action
from ckanext.nd47.catalogue.documents import action as document_action
from ckanext.nd47.catalogue.editions import action as edition_action
from ckanext.nd47.catalogue.editions.handover import action as handover_action
from ckanext.nd47.catalogue.items import action as item_action
from ckanext.nd47.catalogue.matching import action as matching_action
from ckanext.nd47.catalogue.plans import action as plan_action
from ckanext.nd47.catalogue.reports import action as report_action
from ckanext.nd47.desk.approval.logic import action as approval_action
from ckanext.nd47.desk.bulk import action as bulk_action
from ckanext.nd47.desk.logic import action as desk_action
from ckanext.nd47.desk.reminders import action as reminder_action
from ckanext.nd47.desk.spreadsheet import action as spreadsheet_action
from ckanext.nd47.l10n.logic import action as l10n_action
from ckanext.nd47.l10n.logic import records
from ckanext.nd47.migrate.logic import action as migrate_action
from ckanext.nd47.settings.logic import action
from ckanext.nd47.tables.decisions import action as decisions_action
from ckanext.nd47.tables.file_first import action as file_first_action
from ckanext.nd47.tables.logic import action as tables_action
from ckanext.nd47.tables.resource_views import action as views_action
from tests.support.databases import empty_database
from tests.support.loaded import only
from tests.support.statements import statements

PLUGINS = (
    "nd47_tables nd47_catalogue nd47_desk nd47 nd47_l10n nd47_dcat dcat scheming_datasets "
    "scheming_organizations"
)
MODULES: tuple[ModuleType, ...] = (
    action,
    agency_action,
    import_action,
    focal_point_action,
    migrate_action,
    l10n_action,
    records,
    desk_action,
    approval_action,
    bulk_action,
    spreadsheet_action,
    reminder_action,
    tables_action,
    edition_action,
    item_action,
    matching_action,
    document_action,
    plan_action,
    report_action,
    handover_action,
    views_action,
    decisions_action,
    file_first_action,
)
ACTIONS: dict[str, Callable[..., Any]] = {
    f"{module.__name__.removeprefix('ckanext.nd47.')}:{name}": getattr(module, name)
    for module in MODULES
    for name in module.__all__
}
LEFT_TO_CKAN = frozenset({"package_search", "organization_show"})
"""Actions that call CKAN's own at once, which checks access itself."""


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, Any]]:
    with only(PLUGINS):
        empty_database()
        owner = factories.Organization(title="Sở", identifier="H99.02")
        dataset = call_action(
            "package_create", name="tap-tin", title="Tập tin", owner_org=owner["id"], private=True
        )
        assert migrated.ready()
        yield {
            "id": dataset["id"],
            "q": "đất",
            "owner_org": owner["id"],
            "organization": owner["id"],
            "org_id": owner["id"],
            "agency": owner["id"],
            "user": factories.User()["name"],
            "datasets": [dataset["id"]],
            "title": "Tập tin",
            "tags": [{"name": f"từ {number}"} for number in range(50)],
        }


class CalledNextError(Exception):
    """The next action was called."""


def forbidding(*_given: Any, **_named: Any) -> None:
    raise tk.NotAuthorized


def next_action(*_given: Any) -> None:
    raise CalledNextError


@pytest.mark.parametrize("name", ACTIONS)
def test_action_asks_for_access_before_it_does_anything(name, portal, monkeypatch):
    function = ACTIONS[name]
    given = dict(portal)
    if "organization" in name.split(":")[1] or "group" in name.split(":")[1]:
        given["id"] = portal["organization"]
    chained = next(iter(inspect.signature(function).parameters)) != "context"
    arguments = [next_action] if chained else []
    monkeypatch.setattr(tk, "check_access", forbidding)
    model.Session.rollback()
    with statements() as sent, pytest.raises((tk.NotAuthorized, CalledNextError)) as raised:
        function(*arguments, Context(user=""), given)
    # One look at the record that the question of access is about.
    assert len(sent) <= 1
    assert not [one for one in sent if "FOR UPDATE" in one or "INSERT" in one or "lock" in one]
    left = name.split(":")[1] in LEFT_TO_CKAN or name.split(":")[1].startswith("resource_")
    assert isinstance(raised.value, CalledNextError if left else tk.NotAuthorized)


@pytest.mark.parametrize("name", ["package_create", "package_update", "package_patch"])
def test_stranger_with_many_keywords_is_refused_without_looking_at_them(name, portal):
    given = {**portal, "tags": [{"name": f"từ {number}"} for number in range(20_000)]}
    with statements() as sent, pytest.raises(tk.NotAuthorized):
        tk.get_action(name)(Context(user=""), given)
    assert not [one for one in sent if "FROM tag" in one or "FOR UPDATE" in one]


def test_more_keywords_than_are_looked_for_are_refused_in_words(portal):
    tags = [{"name": f"từ {number}"} for number in range(501)]
    with pytest.raises(tk.ValidationError) as error:
        call_action("package_create", **{**portal, "id": None, "name": "moi", "tags": tags})
    assert "500" in str(error.value.error_dict["tags"])


def test_stranger_does_not_wait_for_a_dataset_that_is_being_saved(portal):
    with model.Session.get_bind().engine.connect() as other, other.begin():
        other.execute(
            sa.text("SELECT id FROM package WHERE id = :id FOR UPDATE"), {"id": portal["id"]}
        )
        model.Session.rollback()
        model.Session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
        with pytest.raises(tk.NotAuthorized):
            tk.get_action("package_update")(Context(user=""), {"id": portal["id"], "title": "x"})
