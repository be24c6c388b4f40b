"""Data files of the suite and of a portal: their paths, and the reader of YAML files.

`schemas/` and `i18n/` are at the top of the repository. In a wheel they are inside the package, in
an editable install they remain there; only this module depends on the difference.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

import yaml

PACKAGE = Path(__file__).parents[1]

Labels = Mapping[str, str]
"""A text by language, always with `vi` and `en`."""

Value = TypeVar("Value")
Default = TypeVar("Default")


@cache
def data_root() -> Path:
    """Return the folder with `schemas/` and `i18n/`.

    Raises:
        FileNotFoundError: they do not exist, so the installation is incomplete.
    """
    for folder in (PACKAGE / "_data", PACKAGE.parents[1]):
        if (folder / "schemas" / "vocabularies").is_dir():
            return folder
    msg = f"ckanext-nd47 is installed without its schemas: looked beside {PACKAGE}"
    raise FileNotFoundError(msg)


def data_path(*parts: str) -> Path:
    """Return the path of a data file, for example `data_path("schemas", "dataset.yaml")`."""
    return data_root().joinpath(*parts)


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file of the suite or of a portal.

    Files of the suite are read with libyaml, which is ten times as fast, but crashes on deep
    nesting; so it is not used for other files.

    Raises:
        OSError: the file cannot be read.
        UnicodeDecodeError: it is not UTF-8.
        yaml.YAMLError: it is not YAML.
    """
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader = fast if path.is_relative_to(data_root()) else yaml.SafeLoader
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file: equal on all servers, whatever its date.

    It is read again only when its date or size changes.

    Raises:
        OSError: the file cannot be read.
    """
    status = path.stat()
    return _content_hash(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _content_hash(path: Path, _modified: int, _size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class DataFileError(ValueError):
    """An invalid YAML file; the message names the file, the row and the key."""


@dataclass(frozen=True)
class Entry:
    """A mapping in a YAML file: the whole file, or one row of a list in it.

    A method returns the value of a key in its type, or raises `DataFileError`.

    Attributes:
        path: the file.
        values: the mapping.
        place: its place in the file for messages; empty for the whole file.
    """

    path: Path
    values: Mapping[str, Any]
    place: str = ""

    def fail(self, problem: str) -> NoReturn:
        """Raise an error about this mapping."""
        place = f"{self.path}, {self.place}" if self.place else str(self.path)
        msg = f"{place}: {problem}"
        raise DataFileError(msg)

    def check_keys(
        self, needed: Collection[str], optional: Collection[str] = (), hint: str = ""
    ) -> None:
        """Raise an error if a key is missing or unknown."""
        wrong = [f"{key} is missing" for key in sorted(set(needed) - set(self.values))]
        unknown = set(self.values) - set(needed) - set(optional)
        wrong += [f"{key} is not known{hint}" for key in sorted(map(str, unknown))]
        if wrong:
            self.fail(", ".join(wrong))

    def check_id(self, key: str = "id") -> str:
        """Return the id of the file, which is its name without the extension."""
        if self.values.get(key) != self.path.stem:
            self.fail(f"{key} must be {self.path.stem!r}, the name of the file")
        return self.path.stem

    def optional(self, key: str, read: Callable[[str], Value], default: Default) -> Value | Default:
        """Return the value of `read` for a key, the default if the key is missing."""
        return read(key) if key in self.values else default

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fail(f"{key} must be text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.items(key)
        if not all(isinstance(item, str) and item.strip() for item in value):
            self.fail(f"{key} must be a list of texts")
        return tuple(value)

    def items(self, key: str) -> list[Any]:
        """Return a list of anything."""
        value = self.values.get(key)
        if not isinstance(value, list):
            self.fail(f"{key} must be a list")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self.values.get(key)
        if not isinstance(value, bool):
            self.fail(f"{key} must be true or false, not {value!r}")
        return value

    def choice(self, key: str, allowed: Collection[str]) -> Any:
        """Return one of several texts."""
        value = self.values.get(key)
        if not isinstance(value, str) or value not in allowed:
            self.fail(f"{key} must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def date(self, key: str) -> dt.date | None:
        """Return a date, None if the value is empty."""
        value = self.values.get(key)
        if isinstance(value, dt.date) or value is None:
            return value
        try:
            return dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fail(f"{key} must be a date like 2025-07-01, not {value!r}")

    def labels(self, key: str) -> Labels:
        """Return a text by language."""
        return _labels(self, key, self.values.get(key))

    def labels_by_name(self, key: str) -> Mapping[str, Labels]:
        """Return texts by language, by name."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            self.fail(f"{key} must map names to texts")
        return MappingProxyType(
            {name: _labels(self, f"{key}.{name}", value[name]) for name in value}
        )

    def labels_list(self, key: str) -> tuple[Labels, ...]:
        """Return a list of texts by language."""
        return tuple(_labels(self, key, value) for value in self.items(key))

    def rows(self, key: str, id_key: str = "", *, may_be_empty: bool = False) -> list[Entry]:
        """Return a list of mappings.

        Args:
            key: the key of the list.
            id_key: key of a row with unique values; empty if rows have no id.
            may_be_empty: whether a list without rows is accepted.
        """
        value = self.values.get(key)
        if not isinstance(value, list) or not (value or may_be_empty):
            self.fail(f"{key} must be a list of mappings")
        row_ids: set[str] = set()
        rows = []
        for number, content in enumerate(value, start=1):
            row_id = content.get(id_key) if isinstance(content, dict) else None
            name = f"row {number} ({row_id})" if isinstance(row_id, str) else f"row {number}"
            row = Entry(self.path, content, ", ".join(filter(None, (self.place, name))))
            if not isinstance(content, dict):
                row.fail(f"{key} must be a list of mappings")
            if isinstance(row_id, str) and row_id in row_ids:
                row.fail(f"{id_key} {row_id!r} is listed twice")
            row_ids.add(str(row_id))
            rows.append(row)
        return rows


def _labels(entry: Entry, key: str, value: Any) -> Labels:
    if not isinstance(value, dict) or not {"vi", "en"} <= set(value):
        entry.fail(f"{key} must give a text for vi and for en")
    for lang, text in value.items():
        if not isinstance(text, str) or not text.strip():
            entry.fail(f"{key} must give a text for vi and for en: it has no text for {lang}")
    return MappingProxyType(dict(value))


def read_entry(path: Path) -> Entry:
    """Read a YAML file with a mapping.

    Raises:
        DataFileError: the file cannot be read, or is not a mapping.
    """
    try:
        content = read_yaml(path)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        # A date that is none, or a nesting without end, is no YAMLError.
        msg = f"{path}: {' '.join(str(error).split())}"
        raise DataFileError(msg) from error
    if not isinstance(content, dict):
        msg = f"{path}: the file must be a mapping"
        raise DataFileError(msg)
    return Entry(path, content)


def cached_until_changed(read: Callable[[Path], Value]) -> Callable[[Path], Value]:
    """Return a function that reads a file again only when it has changed.

    It raises OSError where the file is missing. An invalid file is not read again either: a portal
    asks for a code list at each value, and a broken file of its own can take a second to read.
    """

    @lru_cache(maxsize=256)
    def read_version(path: Path, mtime_ns: int, size: int) -> Value | DataFileError:
        # Time and size are in the key so that a changed file is read again.
        try:
            return read(path)
        except DataFileError as error:
            if isinstance(error.__cause__, OSError):
                # Permissions can be mended without a change of the file.
                raise
            # Another object: this one would keep the frames of the reader alive.
            return DataFileError(*error.args)

    def cached(path: Path) -> Value:
        stat = path.stat()
        content = read_version(path, stat.st_mtime_ns, stat.st_size)
        if isinstance(content, DataFileError):
            raise DataFileError(*content.args)
        return content

    return cached
