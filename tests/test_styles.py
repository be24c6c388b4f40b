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


def styled(text: str) -> set[str]:
    """Return the classes that a style sheet has rules for without anything around them."""
    return set(LONE_CLASS.findall(COMMENT.sub("", text)))


def test_a_class_of_its_own_is_seen():
    text = ".nd47-a, .nd47-b { top: 0 } /* .nd47-c { } */ .x .nd47-d { top: 0 }\ntd.nd47-e{top:0}"
    assert styled(text) == {"nd47-a", "nd47-b", "nd47-e"}


def test_no_two_rooms_style_the_same_class():
    rooms: defaultdict[str, set[str]] = defaultdict(set)
    for path in FOLDER.rglob("*.css"):
        room = path.relative_to(FOLDER).parts[0]
        # The face of the portal is a theme: it may style what the other rooms show.
        if room != "portal" and path.name not in GENERATED:
            for name in styled(path.read_text("utf-8")):
                rooms[name].add(room)
    assert rooms
    assert {name: sorted(used) for name, used in rooms.items() if len(used) > 1} == {}
