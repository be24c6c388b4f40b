"""Nothing that somebody else wrote reaches a page as markup: read from the sources themselves.

Jinja escapes whatever it prints but markup. So every place that makes markup is listed here with
the reason why nothing foreign is in it; a new one fails until somebody has looked at it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, TemplateSyntaxError, nodes

from ckan.lib import jinja_extensions

REPOSITORY = Path(__file__).parents[2]
SOURCES = (REPOSITORY / "ckanext", REPOSITORY / "dev")

GETTEXT = {"_": 1, "gettext": 1, "ngettext": 2, "ungettext": 2, "pgettext": 2, "npgettext": 3}
"""How many of the first arguments are messages. In a template all of them return markup."""

SAFE_IN_TEMPLATES = {
    "ckanext/nd47/l10n/templates/admin/index.html": (
        "two literals, one of them around a message of the catalogue"
    ),
    "ckanext/nd47/l10n/templates/package/resource_read.html": (
        "two literals; the message is filled in by Markup's own %, which escapes"
    ),
    "ckanext/nd47/l10n/templates/package/snippets/resource_view.html": (
        "two literals; the message is filled in by Markup's own %, which escapes"
    ),
    "ckanext/nd47/portal/templates/package/snippets/resource_view.html": (
        "two literals, which replace each other in CKAN's own markup"
    ),
}
MARKUP_IN_MODULES = {
    "ckanext/nd47/settings/views.py": "the description is escaped before <code> is added",
    "ckanext/nd47/portal/helpers.py": "only the type of what CKAN's render_markdown returns",
    "ckanext/nd47/portal/identity.py": "only the type of what CKAN's render_markdown returns",
    "ckanext/nd47/portal/texts.py": "only the type of what CKAN's render_markdown returns",
    "ckanext/nd47/metadata/search/helpers.py": "only the type of what CKAN's own pager returns",
    "ckanext/nd47/metadata/pages/navigation.py": "hands on what CKAN made, or an empty one",
}
SINKS_IN_SCRIPTS = {
    "ckanext/nd47/assets/form.js": "copies a <template> of the same page, which the server escaped",
    "ckanext/nd47/tables/assets/map.js": "reads a text of a setting as escaped HTML, for Leaflet",
    "ckanext/nd47/tables/assets/leaflet/leaflet.js": "a library; it is given elements, no markup",
}
SINK = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment"
    r"|\.html\(|\beval\(|new Function"
)


def _environment() -> Environment:
    options = {**jinja_extensions.get_jinja_env_options(), "loader": None}
    return Environment(**options)  # noqa: S701 - only parses


def _name(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    return node.attr if isinstance(node, nodes.Getattr) else ""


def dangers(source: str) -> Iterator[str]:
    """Go through what makes markup in a template.

    Raises:
        TemplateSyntaxError: it is no template.
    """
    tree = _environment().parse(source)
    for call in tree.find_all(nodes.Call):
        messages = call.args[: GETTEXT.get(_name(call.node), 0)]
        if not all(isinstance(one, nodes.Const) for one in messages):
            yield "gettext"
        if _name(call.node) in {"literal", "Markup"}:
            yield "safe"
    for one in tree.find_all(nodes.Filter):
        if one.name == "safe":
            yield "safe"
        if one.name in GETTEXT:
            yield "gettext"
    if any(tree.find_all(nodes.ScopedEvalContextModifier)):
        yield "autoescape"


def sources(pattern: str) -> dict[str, str]:
    """Return the content of the files of a pattern by their paths below the repository."""
    return {
        path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8")
        for folder in SOURCES
        for path in sorted(folder.rglob(pattern))
        if path.is_file()
    }


def test_no_template_makes_markup_of_what_it_shows():
    """An entry of SAFE_IN_TEMPLATES that is not needed goes too."""
    marked = {path: set(dangers(text)) for path, text in sources("templates/**/*").items()}
    assert {path: kinds for path, kinds in marked.items() if kinds} == dict.fromkeys(
        SAFE_IN_TEMPLATES, {"safe"}
    )


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{{ _(key) }}", {"gettext"}),
        ("{{ gettext(key|e) }}", {"gettext"}),
        ("{{ ungettext('one', many, 3) }}", {"gettext"}),
        ("{{ h._(key) }}", {"gettext"}),
        ("{{ _('a ' ~ key) }}", {"gettext"}),
        ("{{ text|safe }}", {"safe"}),
        ("{% set x = text|upper|safe %}", {"safe"}),
        ("{{ h.literal(text) }}", {"safe"}),
        ("{% autoescape false %}{{ text }}{% endautoescape %}", {"autoescape"}),
        ("{{ _('Licence') }} {{ ungettext('a', 'b', count) }} {{ text|e }}", set()),
        ("{% trans name=title %}Of {{ name }}{% endtrans %}", set()),
        ("{% trans %}You <b>may</b>{% endtrans %}{% snippet 'a.html', text=_('b') %}", set()),
    ],
)
def test_check_of_templates_sees(source, found):
    assert set(dangers(source)) == found


def test_check_of_templates_refuses_what_it_cannot_read():
    with pytest.raises(TemplateSyntaxError):
        list(dangers("{{ _('a' }}"))


OWN_CALENDARS = re.compile(r"""type=["']?(?:date|datetime-local|month|week)\b""")


def test_no_template_has_an_input_that_writes_days_as_the_browser_does():
    """One with an English surface shows the month first, whatever the language of the page."""
    texts = sources("templates/**/*")
    assert [path for path, text in texts.items() if OWN_CALENDARS.search(text)] == []


@pytest.mark.parametrize("source", ["<input type=date>", "<input type='month'>"])
def test_check_of_days_sees(source):
    assert OWN_CALENDARS.search(source)


def test_all_templates_are_checked():
    names = set(sources("templates/**/*"))
    assert "ckanext/nd47/templates/scheming/package/snippets/additional_info.html" in names
    assert "ckanext/nd47/l10n/templates/error_document_template.html" in names
    assert any(name.startswith("dev/templates/") for name in names)
    assert set(SAFE_IN_TEMPLATES) <= names


def markup_of(source: str) -> bool:
    """Say whether a module makes or imports markup."""
    names = {"Markup", "literal", "HTML"}
    tree = list(ast.walk(ast.parse(source)))
    imported = (
        one.name
        for node in tree
        if isinstance(node, ast.ImportFrom) and node.module != "sqlalchemy"
        for one in node.names
    )
    used = (
        node.attr
        for node in tree
        if isinstance(node, ast.Attribute) and ast.unparse(node) != "sa.literal"  # a value in SQL
    )
    return not names.isdisjoint({*imported, *used})


def test_no_module_makes_markup():
    modules = sources("*.py")
    assert len(modules) > 400
    assert {path for path, text in modules.items() if markup_of(text)} == set(MARKUP_IN_MODULES)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from markupsafe import Markup", True),
        ("import markupsafe\nmarkupsafe.Markup('a')", True),
        ("import ckan.plugins.toolkit as tk\ntk.h.literal(x)", True),
        ("tk.literal(x)", True),
        ("import sqlalchemy as sa\nsa.literal(1)", False),
        ("from markupsafe import escape", False),
    ],
)
def test_check_of_modules_sees(source, found):
    assert markup_of(source) is found


def test_no_script_makes_markup():
    scripts = sources("assets/**/*.js")
    assert len(scripts) > 5
    assert {path for path, text in scripts.items() if SINK.search(text)} == set(SINKS_IN_SCRIPTS)
