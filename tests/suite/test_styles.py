"""Each room names its own classes, so the style of one room never changes a page of another."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import ckanext.nd47

FOLDER = Path(next(iter(ckanext.nd47.__path__)))
LONE_CLASS = re.compile(r"(?:^|[},])\s*[a-z]*\.(nd47-[\w-]+)\s*(?=[{,])")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
GENERATED = {"visitors.css"}
ANY_CLASS = re.compile(r"\.(nd47-[\w-]+)")
SHARED = {"assets", "portal"}
"""Styles of all pages, and the theme, which may style what the other rooms show."""


def styled(text: str) -> set[str]:
    """Return the classes that a style sheet has rules for without anything around them."""
    return set(LONE_CLASS.findall(COMMENT.sub("", text)))


def test_a_class_of_its_own_is_seen():
    text = ".nd47-a, .nd47-b { top: 0 } /* .nd47-c { } */ .x .nd47-d { top: 0 }\ntd.nd47-e{top:0}"
    assert styled(text) == {"nd47-a", "nd47-b", "nd47-e"}


def test_no_room_styles_a_class_that_another_room_has_too():
    alone: defaultdict[str, set[str]] = defaultdict(set)
    named: defaultdict[str, set[str]] = defaultdict(set)
    for path in FOLDER.rglob("*.css"):
        room = path.relative_to(FOLDER).parts[0]
        if path.name in GENERATED or room == "portal":
            continue
        text = COMMENT.sub("", path.read_text("utf-8"))
        for name in styled(text):
            alone[name].add(room)
        for name in ANY_CLASS.findall(text):
            named[name].add(room)
    assert alone
    both = {name: sorted(named[name]) for name, rooms in alone.items() if rooms - SHARED}
    assert {name: rooms for name, rooms in both.items() if len(rooms) > 1} == {}
