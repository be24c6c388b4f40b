"""Who may not do something costs nothing: access is checked before any work and any lock."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckan.types import Context

from ckanext.nd47.agencies import migrated
from tests.support.databases import empty_database
from tests.support.loaded import only
from tests.support.statements import statements

PLUGINS = (
    "nd47_tables nd47_map_view nd47_chart_view nd47_document_view nd47_catalogue nd47_desk "
    "nd47_portal nd47 nd47_l10n nd47_dcat dcat scheming_datasets scheming_organizations"
)
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


def actions() -> dict[str, Callable[..., Any]]:
    """Return the actions of the suite by plugin and name; found, so that new ones are in it."""
    return {
        f"{plugin}:{name}": function
        for plugin in PLUGINS.split()
        if plugin.startswith("nd47")
        for name, function in _actions(p.get_plugin(plugin)).items()
    }


def _actions(plugin: Any) -> dict[str, Callable[..., Any]]:
    return plugin.get_actions() if hasattr(plugin, "get_actions") else {}


def outcome(name: str, function: Callable[..., Any], given: dict[str, Any]) -> str:
    """Return what an action did before it asked for access; empty if nothing."""
    name = name.split(":")[1]
    if "organization" in name or "group" in name:
        given = {**given, "id": given["organization"]}
    chained = next(iter(inspect.signature(function).parameters)) != "context"
    arguments = [next_action] if chained else []
    left = name in LEFT_TO_CKAN or name.startswith("resource_")
    model.Session.rollback()
    with statements() as sent:
        try:
            function(*arguments, Context(user=""), given)
        except CalledNextError:
            asked = left
        except tk.NotAuthorized:
            asked = not left
        except Exception as error:  # noqa: BLE001 - whatever it did
            return repr(error)[:200]
        else:
            return "it did not ask"
    # One look at the record that the question of access is about.
    looked = [one for one in sent if "FOR UPDATE" in one or "INSERT" in one or "lock" in one]
    return "" if asked and len(sent) <= 1 and not looked else f"{asked}: {sent}"[:400]


def test_every_action_asks_for_access_before_it_does_anything(portal, monkeypatch):
    monkeypatch.setattr(tk, "check_access", forbidding)
    found = actions()
    assert len(found) > 150
    done = {name: outcome(name, function, portal) for name, function in found.items()}
    assert {name: what for name, what in done.items() if what} == {}


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
