"""Reads and writes schema files, with the references that ckanext-scheming accepts."""

from __future__ import annotations

import importlib.util
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from ckanext.nd47.lib.data import data_path
from ckanext.nd47.metadata.compose.merge import ComposeError, Reading, Schema

HEADER = """\
# Merged by `ckan nd47 schema compose`: fields of this portal and of ckanext-nd47.
# `nd47_field` says which field of ckanext-nd47 a field serves as. Change labels, help texts, order
# and pages as you like; run the command on this file again after an update of ckanext-nd47.
"""
YAML_ENDINGS = (".yaml", ".yml")


class _Dumper(yaml.SafeDumper):
    """Writes each value in full: YAML aliases are confusing in a file that people edit."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, indentless=False)


def our_schema() -> Schema:
    """Return the schema of the package."""
    return load(str(data_path("schemas", "dataset.yaml")))


def presets(references: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return the presets of several files by name; the first file takes precedence.

    Raises:
        ComposeError: a file cannot be read.
    """
    values_by_name: dict[str, Mapping[str, Any]] = {}
    for reference in references:
        for preset in load(reference).get("presets") or []:
            values_by_name.setdefault(preset["preset_name"], preset["values"])
    return values_by_name


def load(reference: str) -> Schema:
    """Return the content of a file of YAML or JSON.

    Args:
        reference: a path, a `file:` address, or `module:file` as in `scheming.dataset_schemas`.

    Raises:
        ComposeError: it cannot be read or parsed.
    """
    path = locate(reference)
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text) if path.suffix in YAML_ENDINGS else json.loads(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        msg = f"{reference} cannot be read: {' '.join(str(error).split())}"
        raise ComposeError(msg) from error
    if not isinstance(content, dict):
        msg = f"{reference} is not a schema of ckanext-scheming"
        raise ComposeError(msg)
    return content


def readings(path: Path) -> list[Reading]:
    """Return what a map of `ckan nd47 migrate` says of the fields of the portal's schema.

    Raises:
        ComposeError: it cannot be read, or its part `schema` is not one.
    """
    try:
        # Every value stays a text: `no` is no answer and 2024 no number here.
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, ValueError, yaml.YAMLError) as error:
        msg = f"{path} cannot be read: {' '.join(str(error).split())}"
        raise ComposeError(msg) from error
    rows = content.get("schema") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(map(_is_reading, rows)):
        msg = f"{path}: “schema” must be a list of rows with from, to and values"
        raise ComposeError(msg)
    return [Reading(row["from"], row["to"], row.get("values") or {}) for row in rows]


def _is_reading(row: Any) -> bool:
    if not isinstance(row, dict) or not row.keys() <= {"from", "to", "values"}:
        return False
    values = row.get("values") or {}
    return (
        isinstance(row.get("from"), str)
        and isinstance(row.get("to"), str)
        and isinstance(values, dict)
        and all(isinstance(code, (str, list)) for code in values.values())
    )


def locate(reference: str) -> Path:
    """Return the path that a reference refers to.

    Raises:
        ComposeError: the reference names no file of this machine.
    """
    if urlsplit(reference).scheme == "file":
        return Path(unquote(urlsplit(reference).path))
    if Path(reference).is_file():
        return Path(reference)
    module, colon, name = reference.partition(":")
    try:
        spec = importlib.util.find_spec(module) if colon and "/" not in module else None
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None:
        msg = f"{reference} is neither a file nor MODULE:FILE; for an address, save it to a file"
        raise ComposeError(msg)
    return Path(spec.origin).parent / name


def dump(schema: Schema, name: str = "") -> str:
    """Return a schema as text: JSON if the file name ends in `.json`, otherwise YAML."""
    if name.endswith(".json"):
        return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
    content = yaml.dump(schema, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return HEADER + content


def write(path: Path, text: str) -> None:
    """Write a file atomically, since CKAN may be reading it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
