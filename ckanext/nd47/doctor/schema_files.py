"""Reads the schema and preset files of ckanext-scheming that a portal uses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from ckanext.nd47.doctor.portal import Portal
from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import cached_until_changed, data_path, read_yaml

DATASETS = "scheming.dataset_schemas"
ORGANIZATIONS = "scheming.organization_schemas"
GROUPS = "scheming.group_schemas"
PRESETS = "scheming.presets"
TYPES = {DATASETS: "dataset_type", ORGANIZATIONS: "organization_type", GROUPS: "group_type"}
FIELDS = ("dataset_fields", "resource_fields", "fields")

Content = Mapping[str, Any]


class FileError(Exception):
    """A file that cannot be read; the message says why."""


def references(portal: Portal, option: str) -> list[str]:
    """Return the references in an option of ckanext-scheming, by default the suite's own files.

    A portal that has not enabled the suite yet is checked as if it had.
    """
    chosen = portal.words(option)
    if portal.started:
        return chosen
    if chosen:
        return config.with_suite_presets(chosen) if option == PRESETS else chosen
    return config.foreign_defaults().get(option, "").split()


def path_of(reference: str) -> Path | None:
    """Return the file of a reference, None if it is on another machine."""
    parts = urlsplit(reference)
    if parts.scheme in {"http", "https"}:
        return None
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    module, _, name = reference.partition(":")
    try:
        spec = find_spec(module)
    except (ImportError, ValueError) as error:
        message = f"no module {module}"
        raise FileError(message) from error
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if spec and spec.origin and not folders:
        folders = [str(Path(spec.origin).parent)]
    for folder in folders:
        if (path := Path(folder) / name).is_file():
            return path
    message = f"no file {name} in {module}" if spec else f"no module {module}"
    raise FileError(message)


def read(reference: str) -> Content | None:
    """Return the content of a file, None if it is on another machine.

    Raises:
        FileError: it is missing, or not a YAML or JSON mapping.
    """
    path = path_of(reference)
    if path is None:
        return None
    try:
        content = _content(path)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise FileError(str(error)) from error
    if not isinstance(content, dict):
        message = "it holds no names and values"
        raise FileError(message)
    return content


def _parse(path: Path) -> Any:
    is_yaml = path.suffix.lower() in {".yaml", ".yml"}
    return read_yaml(path) if is_yaml else json.loads(path.read_text(encoding="utf-8"))


_content = cached_until_changed(_parse)
"""Several checks look at the same files."""


def readable(portal: Portal, option: str) -> list[tuple[str, Content]]:
    """Return the readable files of an option with their references."""
    files = []
    for reference in references(portal, option):
        try:
            content = read(reference)
        except FileError:
            continue
        if content is not None:
            files.append((reference, content))
    return files


def fields(content: Content) -> list[Content]:
    """Return the fields of a schema, with the subfields of each."""
    top_level = [field for key in FIELDS for field in _mappings(content.get(key))]
    return [
        *top_level,
        *(sub for field in top_level for sub in _mappings(field.get("repeating_subfields"))),
    ]


def preset_names(content: Content) -> set[str]:
    """Return the presets that a file defines."""
    return {str(preset.get("preset_name")) for preset in _mappings(content.get("presets"))}


def is_ours(reference: str) -> bool:
    """Return whether a reference is to a file of the suite."""
    try:
        path = path_of(reference)
    except FileError:
        return False
    return path is not None and path.resolve().parent == data_path("schemas").resolve()


def own(name: str) -> Content:
    """Return a file of the suite."""
    return read(data_path("schemas", f"{name}.yaml").as_uri()) or {}


def _mappings(value: Any) -> list[Content]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
