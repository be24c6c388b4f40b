"""Where the files of the dump lie, and the addresses at which they are sent."""

from __future__ import annotations

import os
from pathlib import Path

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config

EXTENSIONS = ("nt", "ttl", "jsonld", "xml")
MANIFEST = "manifest.json"
PATH = "/catalog/dump"


def folder() -> Path | None:
    """Return where dumps are kept: in CKAN's storage, which all its nodes share."""
    storage = str(tk.config.get("ckan.storage_path") or "")
    return Path(storage) / "nd47_dcat" if storage else None


def address(extension: str) -> str:
    """Return the address at which a file is sent once there is a dump."""
    return f"{config.site_base()}{PATH}.{extension}.gz"


def addresses() -> tuple[str, ...]:
    """Return the addresses of all files."""
    return tuple(map(address, EXTENSIONS))


def listed() -> tuple[str, ...]:
    """Return what the catalogue can say of its dump: the addresses, or nothing yet."""
    where = folder()
    return addresses() if where is not None and (where / MANIFEST).is_file() else ()


def replace(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
