"""Work grows with the length of a text and no faster, whatever the text is made of.

Every regular expression of the suite is found in its source, and fed the shapes of its own grammar
at growing sizes; so are the functions that read a text.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ckanext.nd47
from ckanext.nd47.catalogue.documents import reading as catalogue_reading
from ckanext.nd47.catalogue.logic import schema as catalogue_schema
from ckanext.nd47.catalogue.reports.usage import robots
from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.serve import parameters
from ckanext.nd47.desk.spreadsheet import matching
from ckanext.nd47.l10n import names
from ckanext.nd47.l10n.abbreviations import load
from ckanext.nd47.l10n.search import suggestions
from ckanext.nd47.l10n.search.index import index_words
from ckanext.nd47.l10n.search.query import fold_query
from ckanext.nd47.l10n.search.syntax import has_field
from ckanext.nd47.lib.calendar import dates, stated_periods
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.fields import contact_values, geometry, splitting, values
from ckanext.nd47.lib.files import encoding
from ckanext.nd47.lib.language import text
from ckanext.nd47.metadata.pages import form_layout, helpers
from ckanext.nd47.rules import edition
from ckanext.nd47.tables.resource_views.table_view import query as table_query
from tests.support.hostile_texts import shapes

pytestmark = pytest.mark.slow

SIZES = (300, 1_200, 4_800)
MOST = 8
"""Times the work of a text four times as long: 4 where it grows with the length, 16 with its
square."""


UNNOTICEABLE = 0.01
"""Seconds below which a machine's other work says more than this one's; what grows with the square
of the length takes longer at the last size."""


SEARCHING = frozenset({"search", "sub", "subn", "split", "findall", "finditer"})
ANCHORED = frozenset({"match", "fullmatch"})
ROWS_LEFT_OUT = read_yaml(data_path("schemas", "headings.yaml"))["rows"]
MADE_AT_RUN_TIME = {
    "ckanext.nd47.lib.files.spreadsheets.headings": "|".join(
        f"(?:{one})" for patterns in ROWS_LEFT_OUT.values() for one in patterns
    ),
    "ckanext.nd47.lib.files.encoding": "|".join(
        one.pattern.pattern for one in encoding.old_fonts()
    ),
    "ckanext.nd47.catalogue.documents.reading": "|".join(
        f"(?:{one})" for one in catalogue_reading.content()["groups"]
    ),
    "dev.i18n.glossary": r"(?<![\w-])dataset(?:s|es)?(?![\w-])",
    "ckanext.nd47.lib.calendar.dates": "|".join(
        one.pattern
        for one, _ in dates._FORMS  # pyright: ignore[reportPrivateUsage]
    ),
    "ckanext.nd47.desk.publishing.periods": r"(?<!\d)05/2026(?!\d)",
    "ckanext.nd47.lib.calendar.stated_periods": "|".join(
        pattern.pattern
        for pattern in stated_periods._IN_TEXT  # pyright: ignore[reportPrivateUsage]
    ),
    "ckanext.nd47.catalogue.reports.usage.robots": (
        rf"[wW]get|Googlebot\\/|^curl|{robots.ALSO_ROBOTS}"
    ),
    "dev.docs.options": "(?s)<!-- a -->.*?<!-- b -->",
}
"""Expressions that are put together from something that stands in no module, and an example."""


FILES_OF_DEVELOPERS = frozenset({"dev.docs.actions", "dev.docs.options", "dev.i18n.glossary"})
"""Modules that read the suite's own files alone."""


@dataclass(frozen=True)
class Expression:
    """A regular expression of the suite, and how it is used."""

    place: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


def modules() -> Iterator[ModuleType]:
    """Every module of the suite."""
    for info in pkgutil.walk_packages(ckanext.nd47.__path__, "ckanext.nd47."):
        if ".migration." not in info.name:
            yield importlib.import_module(info.name)


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Every node of the syntax of a file, read once."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def uses(name: str, syntax: Sequence[ast.AST]) -> Iterator[tuple[str, str]]:
    """Yield what a module reads: its full name, and the method of an expression that is called.

    The full name is that of the module where it is assigned, so that two modules may have
    expressions of the same name. The method is empty where a name is only read.
    """
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in syntax
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    def full(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Name):
            yield imported.get(node.id, f"{name}.{node.id}")
        elif isinstance(node, ast.Attribute):
            # `self.CODE` and `Row.CODE` are of this module, `text.CODE` is of one that is imported.
            owner = imported.get(getattr(node.value, "id", ""), name)
            yield f"{owner}.{node.attr}"
        elif isinstance(node, ast.IfExp):
            yield from full(node.body)
            yield from full(node.orelse)

    for node in syntax:
        if isinstance(node, ast.Attribute) and node.attr in SEARCHING | ANCHORED:
            yield from ((one, node.attr) for one in full(node.value))
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            yield from ((one, "") for one in full(node))


@cache
def used() -> list[tuple[str, str]]:
    """Return what the modules of the suite read."""
    return [
        use
        for module in modules()
        for use in uses(module.__name__, nodes(Path(str(module.__file__))))
    ]


def methods_of(name: str, read: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return how an expression is used, by its full name."""
    methods = frozenset(method for one, method in read if one == name and method)
    if methods:
        return methods
    # Of one that is handed on, nobody knows; one that is read nowhere is handed to nobody.
    handed_on = any(one == name for one, _ in read)
    return frozenset({"finditer", "fullmatch"} if handed_on else {"fullmatch"})


def expressions() -> list[Expression]:
    """Every regular expression of the suite."""
    found: list[Expression] = []
    for module in modules():
        syntax = nodes(Path(str(module.__file__)))
        names = {
            id(node.value): target.id
            for node in syntax
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        found += [
            _expression(module, node, names.get(id(node), ""))
            for node in syntax
            if _is_call_of_re(node)
        ]
    return found


def _is_call_of_re(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in SEARCHING | ANCHORED | {"compile"}
    )


def _expression(module: ModuleType, node: Any, name: str) -> Expression:
    place = f"{module.__name__}:{node.lineno}"
    given = {one.arg: one.value for one in node.keywords}
    arguments = [*node.args]
    flags = given.get("flags") or (
        arguments[1] if node.func.attr == "compile" and len(arguments) > 1 else None
    )
    if node.func.attr in ANCHORED | {"search", "findall", "finditer"} and len(arguments) > 2:
        flags = arguments[2]
    try:
        text = _value(arguments[0], module)
    except NameError:
        text = MADE_AT_RUN_TIME[module.__name__]
    pattern = re.compile(text, _value(flags, module) if flags is not None else 0)
    if node.func.attr != "compile":
        return Expression(place, pattern, frozenset({node.func.attr}))
    if not name:
        return Expression(place, pattern, frozenset({"finditer", "fullmatch"}))
    methods = methods_of(f"{module.__name__}.{name}", used())
    return Expression(place, pattern, methods)


def _value(node: ast.expr, module: ModuleType) -> Any:
    return eval(compile(ast.Expression(node), module.__name__, "eval"), vars(module))  # noqa: S307


def growth(work: Callable[[str], Any], beginning: str, seed: str, end: str) -> list[float]:
    """Seconds of work by size, up to the first size at which it has grown too much."""
    taken: list[float] = []
    for size in SIZES:
        text = beginning + seed * (size // len(seed)) + end
        taken.append(min(_seconds(work, text) for _ in range(2 if size == SIZES[-1] else 1)))
        if _too_fast(taken):
            # What else the machine did may have counted: only what repeats is the text's.
            taken[-1] = min(taken[-1], *(_seconds(work, text) for _ in range(4)))
            if _too_fast(taken):
                break
    return taken


def _too_fast(taken: list[float]) -> bool:
    return len(taken) > 1 and taken[-1] > UNNOTICEABLE and taken[-1] > MOST * taken[-2]


def _seconds(work: Callable[[str], Any], text: str) -> float:
    before = time.process_time()
    with suppress(Exception):
        work(text)
    return time.process_time() - before


def worker(expression: Expression) -> Callable[[str], Any]:
    """What the suite does with an expression."""
    pattern = expression.pattern

    def work(text: str) -> None:
        given: Any = text
        if isinstance(pattern.pattern, bytes):
            given = text.encode("utf-8", "surrogatepass")
        for method in expression.methods:
            if method in ("match", "fullmatch", "search"):
                getattr(pattern, method)(given)
            else:
                for _ in pattern.finditer(given):
                    pass

    return work


def test_every_expression_reads_a_text_in_time_that_grows_with_its_length():
    examined = [e for e in expressions() if e.place.split(":")[0] not in FILES_OF_DEVELOPERS]
    assert len(examined) > 60
    bad = {
        (expression.place, *shape): seconds
        for expression in examined
        for shape in shapes(expression.pattern)
        if _too_fast(seconds := growth(worker(expression), *shape))
    }
    assert not bad


@pytest.mark.parametrize(
    "pattern",
    [
        "a*a*b",
        r"\s*\.?\s*x",
        r'"(?:\\.|[^"\\])*"|.',
        r"[\[{][^\]}]*\sTO\s[^\]}]*[\]}]",
        r"\w*!",
        r"(?:[^\s:]*:)|\^",
    ],
)
def test_expression_that_grows_faster_is_noticed(pattern):
    expression = Expression("here", re.compile(pattern), frozenset({"finditer"}))
    work = worker(expression)
    assert any(_too_fast(growth(work, *shape)) for shape in shapes(expression.pattern))


ALIKE = {
    "suite.one": "CODE = re.compile('a+')\nCODE.fullmatch(text)\n",
    "suite.two": "CODE = re.compile('a+')\nMORE = re.compile('b')\nTHIRD = re.compile('c')\n",
    "suite.three": "from suite import two\ntwo.CODE.search(text)\n",
    "suite.four": "from suite.two import MORE\nread(MORE)\n",
}
"""Modules of which two have an expression of the same name."""


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("suite.one.CODE", {"fullmatch"}),
        ("suite.two.CODE", {"search"}),
        ("suite.two.MORE", {"finditer", "fullmatch"}),
        ("suite.two.THIRD", {"fullmatch"}),
    ],
)
def test_expressions_of_the_same_name_in_two_modules_are_told_apart(name, methods):
    read = [
        use
        for module, source in ALIKE.items()
        for use in uses(module, [*ast.walk(ast.parse(source))])
    ]
    assert methods_of(name, read) == methods


LIST = load(
    data_path("schemas", "abbreviations.yaml"), synonyms=(data_path("schemas", "synonyms.yaml"),)
)


def reads_a_text(one: Any) -> bool:
    """Tell whether something is a function of a text alone, of the module of values."""
    return (
        inspect.isfunction(one)
        and one.__module__ == values.__name__
        and (list(inspect.signature(one).parameters) == ["text"])
    )


READERS: dict[str, Callable[[str], Any]] = {
    "query of a person": lambda typed: fold_query(typed, LIST),
    "query of a program": lambda typed: fold_query(typed, LIST, fielded=True),
    "field of a query": lambda typed: has_field(typed, lambda _name: False),
    "suggestion": lambda typed: suggestions.dataset_query(text.search_words(typed)),
    "order of suggestions": lambda typed: suggestions.has_spelling(typed, text.search_words(typed)),
    "shadow in the index": lambda typed: index_words([typed], LIST),
    "name": names.slug,
    "place in a list": text.sort_key,
    "one spelling": text.one_spelling,
    "places of a tone": text.tone_places,
    "spelling": lambda typed: [text.spelling(word) for word in text.words(typed)],
    "folded": text.fold,
    "geometry": terms.geometry,
    "extent": geometry.read_extent,
    "levels of rules": edition.read_levels,
    "moment": lambda typed: parameters.moment("modified_since", typed),
    "place of a page": lambda typed: parameters.number("after", typed, 0),
    "link": helpers.nd47_is_link,
    "contact in one text": splitting.contact,
    "decision in one text": splitting.decision,
    "period in one text": splitting.period,
    "place in one text": splitting.place,
    "several values in one text": splitting.items,
    "condition on numbers": lambda typed: table_query.condition(typed, "number"),
    "condition on days": lambda typed: table_query.condition(typed, "date"),
    "numbers of a text": contact_values.find_telephones,
    "mailboxes of a text": contact_values.find_mailboxes,
    "period of a file": lambda typed: stated_periods.in_file(typed, [typed]),
    "group of rows": catalogue_reading.group_name,
    "name of a dataset": matching.slug,
    "name of a catalogue": catalogue_schema.name_of,
    "unfinished form": lambda typed: form_layout.hidden_values(typed),
    **{name: one for name, one in vars(values).items() if reads_a_text(one)},
}
HOSTILE = (
    "[ TO ",
    "^",
    '\\"',
    '"a ',
    "/",
    "+",
    "-a ",
    "(",
    "text:(",
    "a:",
    "\\",
    "{a TO b",
    "ubnd ",
    "oà",
    "a\u0301",
    "\u0301",
    "\ud800",
    "\x00",
    "1",
    "1/",
    "q ",
    "  ",
    "\r\n",
    "=,",
    "[",
    '{"a":',
    "http://[",
    "\u202e",
    "ﷺ",
    "⑴",
)


@pytest.mark.parametrize("reader", READERS)
def test_function_reads_a_text_in_time_that_grows_with_its_length(reader):
    bad = {
        (beginning, seed): taken
        for seed in HOSTILE
        for beginning in ("", "a:", "2024")
        if _too_fast(taken := growth(READERS[reader], beginning, seed, ""))
    }
    assert not bad


def in_groups(count: int) -> None:
    """Place the items of a table in its groups, of which every other row is one."""
    items = [catalogue_reading.ItemRow(2 * number, {"name": "a"}) for number in range(count)]
    groups = {2 * number - 1: "b" for number in range(count)}
    catalogue_reading._in_groups(items, groups)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def test_rows_are_placed_in_groups_in_time_that_grows_with_their_number():
    assert not _too_fast(growth(lambda rows: in_groups(len(rows)), "", "a", ""))
