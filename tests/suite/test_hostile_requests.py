"""Whatever an action is given, the answer is never a failure of the portal.

Every action of the suite is found by looking, so that new ones are in it; so are those of CKAN that
the suite takes over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask_babel import force_locale

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.navl.dictization_functions import DataError
from ckan.lib.search import SearchError
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action
from ckan.types import Context

from tests.support.databases import empty_database
from tests.support.loaded import client, loaded

OURS = (
    *("nd47_tables", "nd47_map_view", "nd47_chart_view", "nd47_document_view"),
    *("nd47_catalogue", "nd47_desk", "nd47_portal", "nd47", "nd47_l10n", "nd47_dcat"),
)
PLUGINS = f"{' '.join(OURS)} dcat scheming_datasets scheming_organizations"
TEXTS = {
    "NUL": "a\x00b",
    "large number": "1" + "0" * 30,
    "negative": "-1",
    "empty": "",
    "line break": "a\r\nX-Evil: 1",
    "long": "đ" * 100_000,
    "right to left": "\u202eđ\u200f",
    "bracket": "http://[",
    "per cent": "100 % {x} {{ x }}",
    "quotes": "'\"`;--",
    "brackets": "[ TO " * 50,
    "twenty digits": "9" * 20,
}
VALUES: dict[str, Any] = {
    **TEXTS,
    "surrogate": "a\ud800",
    "number": 10**30,
    "negative number": -1,
    "fraction": 1e308,
    "truth": True,
    "nothing": None,
    "list": ["x", ["y"], {"z": None}],
    "empty list": [],
    "list of NUL": ["\x00"],
    "group": {"a": {"b": "c"}},
}
NAMES = (
    "id",
    "q",
    "query",
    "limit",
    "offset",
    "rows",
    "start",
    "sort",
    "fq",
    "agency",
    "organization",
    "parent",
    "level",
    "role",
    "all_terms",
    "after",
    "only_unmet",
    "owner_org",
    "org_id",
    "datasets",
    "package_id",
    "resource_id",
    "vocabulary_id",
    "fields",
    "groups",
    "organizations",
    "all_fields",
    "ignore_self",
    "include_datasets",
    "mode",
    "run",
    "kind",
    "x",
    "y",
    "measure",
    "by",
    "legend",
    "rule",
    "levels",
    "user",
    "dry_run",
    "upload",
    "title",
    "name",
    "tags",
    "users",
    "extras",
    "type",
    "state",
    "valid_from",
    "email",
    "telephone",
    "code",
    "document_upload",
    "url",
    "clear_document",
    "facet.field",
    "fl",
)
"""Parameters of actions; those that an action does not know are no less hostile."""

IN_VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
"""Letters that no sentence of an official goes without, and none in English has."""


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, str]]:
    with loaded(PLUGINS, ckan__locale_default="vi", ckan__search__solr_commit="false") as options:
        empty_database()
        owner = factories.Organization(title="Sở", identifier="H99.02", email="a@so.example")
        dataset = call_action("package_create", name="tap-tin", title="Đất", owner_org=owner["id"])
        officer = call_action(
            "nd47_focal_point_create",
            agency=owner["id"],
            role="feedback",
            position="Văn phòng",
            email="a@so.example",
        )
        sysadmin = factories.SysadminWithToken()
        tk.config.update(options)
        yield {
            "id": dataset["id"],
            "name": dataset["name"],
            "organisation": owner["name"],
            "focal_point_id": officer["id"],
            "sysadmin": sysadmin["name"],
            "token": sysadmin["token"],
        }


@pytest.fixture(scope="module")
def app(portal: dict[str, str]) -> CKANTestApp:
    return client(PLUGINS)


def actions() -> list[str]:
    """The names of the actions of the suite, chained ones included."""
    return sorted({name for plugin in OURS for name in _actions(p.get_plugin(plugin))})


def _actions(plugin: Any) -> list[str]:
    return list(plugin.get_actions()) if hasattr(plugin, "get_actions") else []


def test_actions_are_found(app):
    assert len(actions()) > 30


def test_address_that_no_page_can_answer_says_so_in_the_readers_language(app):
    for there, status, words in (
        ("/dataset/%00", 404, "Địa chỉ có ký tự"),
        ("/organization/?q=%00", 400, "Địa chỉ có ký tự"),
        ("/dataset/?page=x", 400, "Số trang"),
        ("/dataset/?page=0", 400, "Số trang"),
        ("/organization/?page=" + "9" * 20, 400, "Số trang"),
        ("/dataset/?sort=x", 400, "cách sắp xếp"),
    ):
        assert words in app.get(f"/vi{there}", status=status).body, there


@pytest.mark.parametrize("page", ["dataset/new", "organization/new", "group/new"])
def test_form_that_no_page_can_take_names_the_field_and_not_the_address(app, portal, page):
    answer = app.post(
        f"/vi/{page}",
        data={"name": "a\x00b"},
        headers={"Authorization": portal["token"]},
        status=400,
    )
    assert "name: Văn bản có một ký tự" in answer.body
    assert "Địa chỉ có ký tự" not in answer.body


@pytest.mark.parametrize("kind", VALUES)
def test_no_action_fails_whatever_it_is_given(app, portal, kind):
    data: dict[str, Any] = dict.fromkeys(NAMES, VALUES[kind])
    failed: dict[str, str] = {}
    for name in actions():
        for user in ("", portal["sysadmin"]):
            with app.flask_app.test_request_context("/"), force_locale("vi"):
                if said := outcome(name, user, data):
                    failed[f"{name} {user}"] = said
    assert not failed


def messages(errors: Any) -> Iterator[str]:
    """The texts of an error of any shape."""
    if isinstance(errors, dict):
        errors = list(errors.values())
    if isinstance(errors, list):
        for one in errors:
            yield from messages(one)
    elif errors:
        yield str(errors)


def outcome(name: str, user: str, data: dict[str, Any]) -> str:
    """What is wrong with the answer of an action, empty where it is one."""
    try:
        tk.get_action(name)(Context(user=user), data)
    except tk.ValidationError as error:
        said = list(messages(error.error_dict))
        foreign = [one for one in said if not IN_VIETNAMESE.search(one)]
        return f"not in Vietnamese: {foreign}"[:200] if foreign or not said else ""
    except (tk.ObjectNotFound, tk.NotAuthorized, SearchError, DataError):
        return ""
    except Exception as error:  # noqa: BLE001 - whatever it is
        return f"{type(error).__name__}: {error}"[:200]
    finally:
        model.Session.rollback()
    return ""
