"""Whatever is asked of an address, the answer is never a failure of the portal.

Every route of the suite is found by looking, so that new ones are in it; so are those of CKAN that
the suite answers, or whose search or form it answers for. What is refused is refused in the
reader's language.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from werkzeug.routing import AnyConverter, Rule

import ckan.plugins as p
from ckan import model
from ckan.tests.helpers import CKANTestApp

from tests.suite.test_hostile_requests import IN_VIETNAMESE, NAMES, OURS, TEXTS, app, portal

__all__ = ["app", "portal"]

TAKEN_OVER = (
    "dataset.edit",
    "dataset.new",
    "dataset.read",
    "dataset.resources",
    "dataset.search",
    "dataset_resource.edit",
    "dataset_resource.new",
    "datatablesview.ajax",
    "dcat.read_catalog",
    "dcat.read_dataset",
    "group.index",
    "home.index",
    "organization.edit",
    "organization.index",
    "organization.new",
    "organization.read",
    "user.index",
    "util.internal_redirect",
)
"""Endpoints of others that the suite answers for, or whose search or form it answers for."""

PARAMETERS = (
    "q",
    "page",
    "after",
    "modified_since",
    "profiles",
    "fq",
    "sort",
    "level",
    "role",
    "kind",
    "rule",
    "agency",
    "tags",
    "organization",
    "ext_x",
    "_tags_limit",
    "lang",
    "format",
    "id",
    "url",
)
"""Parameters of addresses; those that a page does not know are no less hostile."""

ALONE = ("q", "after", "modified_since", "profiles", "sort", "role", "level")
"""Parameters that are read behind others, where a page refuses the first that is wrong."""

IN_ADDRESS = {kind: quote(value[:3000], safe="") for kind, value in TEXTS.items()} | {
    "lone surrogate": "%ED%A0%80",
    "no UTF-8": "%FF",
    "dots": "..%2F..%2Fetc",
}
"""As a client may write them; a web server takes no longer address than some kilobytes."""

BEHIND = [IN_ADDRESS[one] for one in ("large number", "line break", "brackets", "no UTF-8")]
"""Values of parameters that are read behind others."""

LISTS = ("extras", "groups", "resources", "tags", "users")

FAILURE = 500
REFUSAL = 400
ACCEPTED = ("text/turtle", "application/json;q=x, */*;q=9", "\x00, text/n3;;;q=\u00ff", "," * 3000)


def routes(app: CKANTestApp) -> list[Rule]:
    """The routes of the suite's blueprints and those that it takes over."""
    own = tuple(f"{one.name}." for plugin in OURS for one in _blueprints(p.get_plugin(plugin)))
    rules = app.flask_app.url_map.iter_rules()
    return [one for one in rules if one.endpoint.startswith(own) or one.endpoint in TAKEN_OVER]


def _blueprints(plugin: Any) -> list[Any]:
    found = plugin.get_blueprint() if hasattr(plugin, "get_blueprint") else []
    return found if isinstance(found, list) else [found]


def read(app: CKANTestApp) -> list[Rule]:
    return [one for one in routes(app) if "GET" in (one.methods or ())]


def _converters(rule: Rule) -> dict[str, Any]:
    return rule._converters  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no other way


def _part(rule: Rule, name: str, portal: dict[str, str]) -> str:
    """A value of a variable of a route that leads somewhere."""
    converter = _converters(rule)[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    known = {
        "extension": "ttl",
        "_format": "ttl",
        "focal_point_id": portal["focal_point_id"],
        "vocabulary_id": "frequency",
        "code": "giao-duc" if rule.rule.startswith("/field") else "monthly",
        "number": "1",
        "license_id": "nd47-open-data",
        "kind": "agencies",
        "resource_id": portal["id"],
    }
    of_organisation = "organization" in rule.rule
    return known.get(name, portal["organisation"] if of_organisation else portal["name"])


def parts_of(rule: Rule, portal: dict[str, str]) -> dict[str, str]:
    return {name: _part(rule, name, portal) for name in _converters(rule)}


def address(rule: Rule, parts: dict[str, str]) -> str:
    """The address of a route with these parts, written as they are to be sent."""
    path = re.sub(r"<(?:[^<>]*:)?([a-zA-Z_]+)>", lambda found: parts[found[1]], rule.rule)
    return f"/vi{path}"


def addresses(rule: Rule, portal: dict[str, str]) -> Iterator[str]:
    """The addresses of a route that lead somewhere, in each of its forms."""
    good = parts_of(rule, portal)
    forms = {
        name: sorted(one.items)
        for name, one in _converters(rule).items()
        if isinstance(one, AnyConverter)
    }
    for chosen in itertools.product(*forms.values()):
        yield address(rule, {**good, **dict(zip(forms, chosen, strict=True))})


def asked(rule: Rule, portal: dict[str, str], hostile: str) -> Iterator[str]:
    """The addresses of a route with a hostile value: as each of its variables, as parameters."""
    good = parts_of(rule, portal)
    for name in good:
        yield address(rule, {**good, name: hostile})
    plain = address(rule, good)
    yield f"{plain}?{'&'.join(f'{name}={hostile}' for name in PARAMETERS)}"
    if hostile in BEHIND:
        twice = "&".join(f"{name}={hostile}&{name}=a" for name in ALONE)
        yield f"{plain}?{twice}&{hostile}={hostile}"


def _reader(rule: Rule, portal: dict[str, str]) -> dict[str, str]:
    """An administrator where a visitor is only asked to log in."""
    inside = re.search("admin|register|new|edit", rule.rule)
    return {"Authorization": portal["token"]} if inside else {}


def wrong(send: Any, rule: Rule, there: str, **given: Any) -> str:
    """What is wrong with the reply of a route, empty where nothing is."""
    try:
        reply = send(there, follow_redirects=False, **given)
    except Exception as error:  # noqa: BLE001 - the tests' client lets it through
        model.Session.rollback()
        return f"{type(error).__name__}: {str(error)[:300]}"
    if reply.status_code >= FAILURE:
        return f"{reply.status_code}: {words_of(reply)[-300:]}"
    if reply.status_code >= REFUSAL and not IN_VIETNAMESE.search(words_of(reply)):
        return f"{reply.status_code} not in Vietnamese: {words_of(reply)[:300]}"
    return ""


def words_of(reply: Any) -> str:
    """What a reply says, without the frame that all pages share."""
    if "html" not in reply.headers.get("Content-Type", ""):
        return reply.get_data(as_text=True)
    page = BeautifulSoup(reply.get_data(as_text=True), "html.parser")
    main = page.select_one(".module-content, #content, main") or page
    return main.get_text(" ", strip=True)


def test_routes_are_found(app):
    found = {one.endpoint for one in routes(app)}
    assert len(found) > 25
    assert set(TAKEN_OVER) - found <= {"datatablesview.ajax"}


@pytest.mark.parametrize("kind", IN_ADDRESS)
def test_no_address_fails(app, portal, kind):
    failed: dict[str, str] = {}
    for rule in read(app):
        for one in asked(rule, portal, IN_ADDRESS[kind]):
            if said := wrong(app.get, rule, one, headers=_reader(rule, portal)):
                failed[f"{rule.endpoint} {one[:120]}"] = said
    assert not failed, "\n".join(f"{one}: {why}" for one, why in failed.items())


@pytest.mark.parametrize("accept", ACCEPTED)
def test_no_header_makes_an_address_fail(app, portal, accept):
    failed: dict[str, str] = {}
    headers = {
        "Accept": accept,
        "Accept-Language": accept,
        "Referer": "http://[",
        "If-None-Match": accept,
        "If-Modified-Since": accept,
        "Range": f"bytes={accept}",
    }
    headers = {name: value.replace("\x00", "") for name, value in headers.items()}
    for rule in read(app):
        one = address(rule, parts_of(rule, portal))
        if said := wrong(app.get, rule, one, headers=headers):
            failed[rule.endpoint] = said
    assert not failed, "\n".join(f"{one}: {why}" for one, why in failed.items())


@pytest.mark.parametrize("kind", [*TEXTS, "lone surrogate"])
def test_no_form_fails(app, portal, kind):
    failed: dict[str, str] = {}
    value = TEXTS.get(kind, "%ED%A0%80")
    value = value if "%ED" in value else quote(value)
    names = dict.fromkeys([*NAMES, "save", "word", "preview", "default", "notes", "identifier"])
    headers = {
        "Authorization": portal["token"],
        "Content-Type": "application/x-www-form-urlencoded",
    }
    for rule in routes(app):
        # A text in the place of a list is refused before anything else is looked at.
        for left_out in ((), LISTS) if "POST" in (rule.methods or ()) else ():
            body = "&".join(f"{one}={value}" for one in names if one not in left_out)
            there = address(rule, parts_of(rule, portal))
            if said := wrong(app.post, rule, there, data=body, headers=headers):
                failed[rule.endpoint] = said
    assert not failed, "\n".join(f"{one}: {why}" for one, why in failed.items())


def test_forms_are_reached(app, portal):
    headers = {"Authorization": portal["token"]}
    there = f"/organization/register/{portal['organisation']}/focal-point"
    reply = app.post(there, data={"role": "x"}, headers=headers, follow_redirects=False)
    assert reply.status_code == 200, "else the walk over the forms would see refusals alone"
