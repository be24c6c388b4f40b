"""Whatever is asked about a record that is there, the answer is never a failure of the portal.

`tests/suite/test_hostile_routes.py` and `tests/suite/test_hostile_requests.py` give a hostile value
in every place at once, so that an action that finds no record or no agency refuses that and reads
no further. Here each parameter is hostile alone, beside what leads to a catalogue, a plan, a change
of many datasets, a file; and the pages are those of such records.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp

import ckanext.nd47
from tests.suite.test_hostile_requests import NAMES, OURS, outcome
from tests.suite.test_hostile_routes import address, routes, wrong
from tests.support import injected_records, injection
from tests.support.databases import empty_database
from tests.support.injection import Poisoned
from tests.support.loaded import client, loaded

pytestmark = pytest.mark.slow

PLUGINS = (
    f"{' '.join(OURS)} activity scheming_datasets scheming_organizations dcat structured_data "
    "datastore datatables_view text_view"
)
VALUES: dict[str, Any] = {
    "leading zeros": "0" * 20 + "9" * 20,
    "last moment": "9999-12-31T23:59:59-23:59",
    "number": 10**30,
    "list of groups": [{"name": "a\x00", "id": ["x"], "field": {}, "type": [1], "value": 10**30}],
    "group": {"a": {"b": "c\ud800"}},
}
TEXTS = {kind: value for kind, value in VALUES.items() if isinstance(value, str)} | {
    "last day": "31/12/9999",
    "address": "http://[",
    "group": '{"a": [1]}',
}
"""As in an address or a form."""

TAKEN_OVER = frozenset({"datastore_create"})
"""CKAN's own reads what it is given, and speaks English."""


@contextmanager
def poisoned() -> Iterator[tuple[Poisoned, Callable[[], Poisoned], dict[str, Any]]]:
    """Load the suite and create records in all rooms; gives them and a way to create others."""
    options = {"ckan__locale_default": "vi", "ckanext__nd47__public_plans": "true"}
    with loaded(PLUGINS, ckan__search__solr_commit="false", **options):
        empty_database()
        sysadmin = factories.SysadminWithToken()

        def action(name: str, /, **data: Any) -> Any:
            context: Any = {"user": sysadmin["name"], "ignore_auth": False}
            try:
                return tk.get_action(name)(context, data)
            finally:
                model.Session.commit()

        def make() -> Poisoned:
            return injected_records.poison(action, tk.ValidationError)

        made = make()
        made.views = injection.Columns().make(action, made.resource)
        yield made, make, {"sysadmin": sysadmin["name"], "token": sysadmin["token"]}


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, Any]]:
    with poisoned() as (made, _, more):
        yield {**more, "made": made, "options": dict(tk.config)}


@pytest.fixture(autouse=True)
def options(portal: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what CKAN's fixtures take back before each test."""
    for option, value in portal["options"].items():
        monkeypatch.setitem(tk.config, option, value)


@pytest.fixture(scope="module")
def app(portal: dict[str, Any]) -> CKANTestApp:
    return client(PLUGINS)


def headers_of(portal: dict[str, Any]) -> dict[str, str]:
    """Return the headers of requests of a system administrator."""
    return {"Authorization": portal["token"]}


def visited(made: Poisoned) -> list[str]:
    """Return the addresses of the records' pages, without parameters."""
    return list(dict.fromkeys(one.partition("?")[0] for one in injection.addresses(made)))


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back what is done inside, although it commits."""
    model.Session.remove()
    engine = model.Session.get_bind().engine
    model.Session.remove()
    with engine.connect() as connection, connection.begin() as outer:
        model.Session.configure(bind=connection, join_transaction_mode="create_savepoint")
        try:
            yield
        finally:
            model.Session.rollback()
            model.Session.remove()
            model.Session.configure(bind=engine, join_transaction_mode="conditional_savepoint")
            outer.rollback()


def actions() -> dict[str, Callable[..., Any]]:
    """Return the actions of the suite, chained ones included."""
    found: dict[str, Callable[..., Any]] = {}
    for name in OURS:
        plugin: Any = p.get_plugin(name)
        found |= plugin.get_actions() if hasattr(plugin, "get_actions") else {}
    return {name: found[name] for name in sorted(found) if name not in TAKEN_OVER}


def parameters_of(name: str, action: Callable[..., Any]) -> list[str]:
    """Return the parameters that an action documents; of CKAN's, those that are known."""
    if not name.startswith("nd47_"):
        return list(NAMES)
    said = inspect.getdoc(action) or ""
    found = [*re.findall(r":param (\w+):", said), *re.findall(r"(?<!:)`([a-z_]+)`", said)]
    return list(dict.fromkeys(found)) or ["id"]


def values_of(name: str) -> list[tuple[str, Any]]:
    """Return the hostile values; for CKAN's own actions those of other shapes alone."""
    is_own = name.startswith("nd47_")
    return [pair for pair in VALUES.items() if is_own or isinstance(pair[1], (list, dict))]


def sound(name: str, made: Poisoned) -> dict[str, Any]:
    """Return parameters with which an action finds a record."""
    if name == "nd47_register_import":
        return {"kind": "agencies", "rows": [{"code": "H1", "title": "A"}]}
    ids = {
        "nd47_catalogue_item": made.line,
        "nd47_catalogue_import": made.sent,
        "nd47_catalogue": made.draft,
        "nd47_plan_entr": made.entry,
        "nd47_plan_slip": made.entry,
        "nd47_plan_done": made.entry,
        "nd47_plan": made.plan,
        "nd47_bulk": made.run,
        "nd47_spreadsheet": made.table,
        "nd47_agency": made.agency,
        "nd47_register": made.agency,
        "nd47_focal_point": made.officer,
        "nd47_file": made.resource,
        "nd47_table": made.resource,
        "resource": made.resource,
        "organization": made.agency,
        "group": made.group,
    }
    start = next((one for one in ids if name.startswith(one)), "")
    return {
        "id": ids.get(start, made.dataset),
        "ids": [made.dataset],
        "catalogue": made.draft,
        "catalogues": [made.draft],
        "other": made.catalogue,
        "agency": made.agency,
        "datasets": [made.dataset],
        "dataset": made.dataset,
        "changes": [{"field": "notes", "operation": "set", "value": "x"}],
        "name": "ten-moi",
        "title": "Tên mới",
        "first_day": "01/01/2026",
        "last_day": "31/12/2026",
        "day": "01/07/2026",
        "sent": "01/07/2026",
        "recipient": "Bộ",
        "reason": "vì",
    }


def test_no_action_fails_for_one_parameter_of_a_record(
    app: CKANTestApp, portal: dict[str, Any]
) -> None:
    failed: dict[str, str] = {}
    for name, action in actions().items():
        names = parameters_of(name, action)
        known = {one: value for one, value in sound(name, portal["made"]).items() if one in names}
        for parameter in names:
            for kind, value in values_of(name):
                with (
                    app.flask_app.test_request_context("/"),
                    force_locale("vi"),
                    taken_back(),
                ):
                    model.Session.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
                    said = outcome(name, portal["sysadmin"], {**known, parameter: value})
                if said:
                    failed[f"{name} {parameter} {kind}"] = said
    assert not failed, "\n".join(f"{one}: {why}" for one, why in failed.items())


def names_in_pages() -> list[str]:
    """Return the names of parameters and fields that pages of the suite read."""
    folder = Path(str(ckanext.nd47.__path__[0]))
    read = r"""(?:args|form|values|params)(?:\.get|\.getlist)?[\[(]"([\w.:-]+)\""""
    given = r"""\bname=["']([a-z][\w:-]*)["']"""
    found: dict[str, None] = dict.fromkeys(["filter:a", "ext_x", "rows", "order", "count", "y"])
    for pattern, expression in (("*.py", read), ("*.html", given)):
        for path in folder.rglob(pattern):
            found |= dict.fromkeys(re.findall(expression, path.read_text(encoding="utf-8")))
    return list(found)


@pytest.mark.parametrize("kind", TEXTS)
def test_no_page_of_a_record_fails(app: CKANTestApp, portal: dict[str, Any], kind: str) -> None:
    failed: dict[str, str] = {}
    query = "&".join(f"{name}={quote(TEXTS[kind])}" for name in names_in_pages())
    adapter = app.flask_app.url_map.bind("test.ckan.net")
    for one in visited(portal["made"]):
        rule, _ = adapter.match(one, method="GET", return_rule=True)
        view = app.flask_app.view_functions[rule.endpoint]
        if not view.__module__.startswith("ckanext.nd47."):
            continue
        if said := wrong(app.get, rule, f"/vi{one}?{query}", headers=headers_of(portal)):
            failed[f"{rule.endpoint} {one[:100]}"] = said
    assert not failed, "\n".join(f"{one}: {why}" for one, why in failed.items())


@pytest.mark.parametrize("kind", TEXTS)
def test_no_form_of_a_record_fails(app: CKANTestApp, portal: dict[str, Any], kind: str) -> None:
    failed: dict[str, str] = {}
    body = "&".join(f"{name}={quote(TEXTS[kind])}" for name in names_in_pages())
    headers = {
        **headers_of(portal),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    adapter = app.flask_app.url_map.bind("test.ckan.net")
    pages = [adapter.match(one, method="GET", return_rule=True) for one in visited(portal["made"])]
    for rule in routes(app):
        near = [
            (len(os.path.commonprefix([rule.rule, page.rule])), found)
            for page, found in pages
            if rule.arguments <= set(found)
        ]
        if not near or "POST" not in (rule.methods or ()):
            continue
        parts = max(near, key=lambda pair: pair[0])[1]
        there = address(rule, {name: quote(str(one), safe="") for name, one in parts.items()})
        with taken_back():
            if said := wrong(app.post, rule, there, data=body, headers=headers):
                failed[f"{rule.endpoint} {there[:100]}"] = said
    assert not failed, "\n".join(f"{one}: {why}" for one, why in failed.items())
