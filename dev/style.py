"""`make style`: writes the stylesheet of visitors' pages, `portal/assets/visitors.css`.

CKAN's stylesheet (Bootstrap 5 under the MIT licence, and CKAN's own rules under the AGPL) has rules
for every page of CKAN; a visitor's page uses less than a third of them. The written stylesheet has
those rules whose classes and ids are words of a template or of a helper that makes HTML. Too many
rules do no harm, so any word of these files counts, wherever it stands.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import rcssmin
import tinycss2

from dev.console import say
from dev.local.run_folder import REPOSITORY

WRITTEN = REPOSITORY / "ckanext" / "nd47" / "portal" / "assets" / "visitors.css"
SUITE = REPOSITORY / "ckanext" / "nd47"

EXTENSIONS = (
    *("ckanext.activity", "ckanext.datastore", "ckanext.dcat", "ckanext.imageview"),
    *("ckanext.midnight_blue_theme", "ckanext.scheming", "ckanext.textview", "ckanext.xloader"),
)
"""Extensions that show something on visitors' pages, and CKAN's second base theme."""
HELPERS = ("lib/helpers.py", "lib/pagination.py")
"""Code of CKAN that makes HTML."""
NOT_PUBLIC = re.compile(
    r"(^|/)(admin|development|emails|tests|migrate|settings|doctor)/|(^|[/_])(edit|new|delete)"
    r"|form_snippets/|dashboard|confirm"
)
"""Templates of pages that only logged-in users see, below a folder of templates."""
WORD = re.compile(r"[A-Za-z][\w-]*")
WIDE = ("media", "supports")
OMITTED = ("data-bs-theme=dark", ":root.dark")
"""Selectors of looks that no page has."""
NOTICE = (
    "/*! Written by `make style` from CKAN's main.css: Bootstrap (MIT, The Bootstrap Authors)"
    " and CKAN (AGPL-3.0-or-later). */\n"
)

Node = Any
"""A node of tinycss2, which has no types."""


def main(arguments: list[str]) -> int:
    """Write the stylesheet, or with `check` say whether it is up to date.

    Returns:
        1 if it is out of date, which only `check` finds.
    """
    text = stylesheet()
    current = WRITTEN.is_file() and WRITTEN.read_text(encoding="utf-8") == text
    if "check" in arguments and not current:
        say(f"{WRITTEN.relative_to(REPOSITORY)} does not fit the templates: call make style")
        return 1
    if not current:
        WRITTEN.write_text(text, encoding="utf-8")
        say(f"written: {WRITTEN.relative_to(REPOSITORY)}")
    return 0


def stylesheet() -> str:
    """Return the stylesheet that fits the templates of now."""
    source = _package("ckan") / "public" / "base" / "css" / "main.css"
    nodes = tinycss2.parse_stylesheet(source.read_text(encoding="utf-8"), True, True)
    used = words()
    kept = "\n".join(_rules(nodes, used))
    return NOTICE + rcssmin.cssmin(_without_unused_variables(kept)) + "\n"


def words() -> set[str]:
    """Return the words of all templates of visitors' pages."""
    return {word for path in _sources() for word in WORD.findall(path.read_text(encoding="utf-8"))}


def _sources() -> Iterator[Path]:
    ckan = _package("ckan")
    yield from (ckan / name for name in HELPERS)
    yield from (SUITE / "portal" / "assets").glob("*.js")
    for folder in (ckan / "templates", SUITE, *map(_package, EXTENSIONS)):
        for path in sorted(folder.rglob("*.html")):
            # The folder of the environment must not decide.
            if not NOT_PUBLIC.search(path.relative_to(folder).as_posix()):
                yield path


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(name)
    return Path(next(iter(spec.submodule_search_locations)))


def _rules(nodes: Iterable[Node], used: set[str]) -> Iterator[str]:
    """Return the rules that apply to a page with these words."""
    for node in nodes:
        if node.type == "qualified-rule":
            selectors = [one for one in _selectors(node.prelude) if _applies(one, used)]
            declarations = _declarations(node.content)
            if selectors and declarations:
                yield f"{','.join(map(_text, selectors))}{{{declarations}}}"
        elif node.type == "at-rule" and node.content is not None:
            start = f"@{node.at_keyword}{tinycss2.serialize(node.prelude)}"
            if node.lower_at_keyword in WIDE:
                inner = tinycss2.parse_rule_list(node.content, True, True)
                if kept := "\n".join(_rules(inner, used)):
                    yield f"{start}{{{kept}}}"
            else:
                yield f"{start}{{{tinycss2.serialize(node.content)}}}"


def _selectors(prelude: Iterable[Node]) -> list[list[Node]]:
    """Return the selectors of a rule, which commas part."""
    parts: list[list[Node]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _applies(selector: list[Node], used: set[str]) -> bool:
    """Return whether the classes and ids of a selector may be on a page."""
    if any(omitted in _text(selector).replace('"', "") for omitted in OMITTED):
        return False
    before = [None, *selector]
    return all(
        token.value in used
        for previous, token in zip(before, selector, strict=False)
        if token.type == "hash"
        or (token.type == "ident" and previous is not None and previous == ".")
    )


def _declarations(content: Iterable[Node]) -> str:
    """Return the declarations of a rule, without those that load one of CKAN's pictures."""
    kept = (
        declaration
        for declaration in tinycss2.parse_declaration_list(content, True, True)
        if declaration.type == "declaration"
    )
    texts = (declaration.serialize() for declaration in kept)
    return ";".join(text for text in texts if "url(" not in text or "data:" in text)


def _without_unused_variables(text: str) -> str:
    """Remove custom properties that nothing reads, until every one is read."""
    while True:
        read = set(re.findall(r"var\(\s*(--[\w-]+)", text))
        shorter = re.sub(
            r"(?<=[{;])(--[\w-]+):[^;{}]*(;|(?=}))",
            partial(_if_read, read),
            text,
        )
        if shorter == text:
            return text
        text = shorter


def _if_read(read: set[str], match: re.Match[str]) -> str:
    return match[0] if match[1] in read else ""


def _text(nodes: Iterable[Node]) -> str:
    return tinycss2.serialize(nodes).strip()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
