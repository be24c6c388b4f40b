"""Imports run down the floors: no room imports one above it, or the inside of a neighbour."""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import ckanext.nd47

PACKAGE = "ckanext.nd47"
FOLDER = Path(next(iter(ckanext.nd47.__path__)))
FLOORS = ("lib", "agencies", "metadata", "rules", "settings")
"""From the ground up; a room may import those before it."""

BESIDE = {
    "catalogue": ("lib", "agencies", "metadata", "rules", "settings", "tables", "desk"),
    "dataset_page": ("lib", "agencies", "metadata"),
    "desk": ("lib", "agencies", "metadata", "rules", "tables"),
    "dcat": ("lib", "agencies", "metadata"),
    "doctor": ("lib", "agencies", "metadata", "rules", "dcat", "desk", "catalogue"),
    "l10n": ("lib",),
    "migrate": ("lib", "agencies", "metadata", "rules"),
    "portal": ("lib", "agencies", "metadata", "rules"),
    "tables": ("lib", "agencies", "metadata", "rules"),
}
"""Rooms beside the others, with the rooms that they may import."""

TOP = frozenset({"plugin", "startup"})
"""The composition, which may import everything and is imported by nobody."""

MOST_ENTRIES = 18
"""Entries of a folder: some fifteen, and what is being added."""

Import = tuple[str, str]
"""The module that imports, and the one that is imported; below the package."""


def modules() -> dict[str, Path]:
    """Return every module of the package but the migrations, by its name below the package."""
    found = {}
    for path in FOLDER.rglob("*.py"):
        parts = path.relative_to(FOLDER).with_suffix("").parts
        if parts[0] != "migration":
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


@cache
def statements() -> list[tuple[str, str, list[str]]]:
    """Return each `from … import …`: the module that it is in, the other one, and the names."""
    return [
        (name, node.module or "", [alias.name for alias in node.names])
        for name, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]


@cache
def crossing() -> list[Import]:
    """Return every import of a module of a room by another, also those within functions."""
    known = modules()
    imports: set[Import] = set()
    for importer, module, names in statements():
        if module.startswith(PACKAGE) and room(importer) not in TOP | {"__init__"}:
            below = module.removeprefix(PACKAGE).lstrip(".")
            for name in names:
                whole = f"{below}.{name}".lstrip(".")
                imports.add((importer, whole if whole in known else below))
    return sorted(imports)


def entries_of(folder: Path) -> list[str]:
    """Return the names of the files and folders in a folder."""
    return [path.name for path in folder.iterdir() if path.name != "__pycache__"]


def room(module: str) -> str:
    """Return the first part of the name of a module."""
    return module.partition(".")[0]


def allowed(importer: str) -> tuple[str, ...]:
    """Return the rooms that a room may import, itself included."""
    below = BESIDE.get(importer) or FLOORS[: FLOORS.index(importer)]
    return (*below, importer)


def test_every_room_has_a_floor():
    assert {room(name) for name in modules()} - TOP - {"__init__"} == {*FLOORS, *BESIDE}


def test_no_room_imports_one_above_it():
    assert len(crossing()) > 500
    upward = [(by, to) for by, to in crossing() if room(to) not in allowed(room(by))]
    assert upward == []


@pytest.mark.parametrize("name", sorted({*FLOORS, *BESIDE} - {"lib"}))
def test_rooms_import_what_their_neighbour_offers(name: str):
    offered = {f"{name}.{module}" for module in import_module(f"{PACKAGE}.{name}").PUBLIC}
    used = {to for by, to in crossing() if room(to) == name and room(by) != name}
    assert used <= offered


@pytest.mark.parametrize("name", sorted({*FLOORS, *BESIDE} - {"lib"}))
def test_everything_offered_exists(name: str):
    offered = {f"{name}.{module}" for module in import_module(f"{PACKAGE}.{name}").PUBLIC}
    assert offered <= set(modules())


def test_folders_show_few_entries():
    folders = {path.parent for path in modules().values()} - {FOLDER}
    full = {
        str(folder.relative_to(FOLDER)): len(entries)
        for folder in folders
        if len(entries := entries_of(folder)) > MOST_ENTRIES
    }
    assert full == {}


def test_no_tool_of_the_developers_is_imported():
    for importer, module, _ in statements():
        assert room(module) not in {"dev", "tests", "bench"}, importer
