"""What there is to translate: the messages of CKAN and its extensions as installed.

An extension's own template (`.pot`) may be missing, as in ckanext-scheming and ckanext-xloader, or
lag behind its code, as in CKAN 2.12.0 itself, so the code and templates are read too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from ckanext.nd47.lib.data import data_path
from ckanext.nd47.lib.language.catalogues import OWN_DOMAIN

METHODS = [
    ("**/vendor/**", "ignore"),
    ("**/tests/**", "ignore"),
    ("tests/**", "ignore"),
    ("**.py", "python"),
    ("**.js", "javascript"),
    ("**.html", "ckan"),
    ("**.txt", "ckan"),
    ("**.text", "ckan"),
]
"""Which Babel extractor reads which file; `ckan` is CKAN's own for its Jinja dialect."""

# A template of a test or of a skeleton may not parse outside its surroundings.
OPTIONS = {pattern: {"silent": "True"} for pattern, method in METHODS if method == "ckan"}

SCHEMA_TEXTS = frozenset({"label", "help_text", "form_placeholder"})
"""Keys of a scheming schema whose plain strings ckanext-scheming passes through gettext."""


@dataclass(frozen=True)
class Source:
    """Sources of the messages of a catalogue.

    Attributes:
        domain: name of the catalogue.
        packages: packages whose code and templates are read.
        template: the `.pot` that the first package ships, below that package.
        schemas: scheming schemas below the first package, whose labels are messages.
        runtime: template in `i18n/` of messages that no extractor finds, maintained by hand.
    """

    domain: str
    packages: tuple[str, ...]
    template: str | None = None
    schemas: tuple[str, ...] = ()
    runtime: str | None = None

    @property
    def installed(self) -> bool:
        """Whether all the packages can be imported."""
        return all(_folder(package) for package in self.packages)


def core_extensions() -> tuple[str, ...]:
    """Return the packages of the extensions that come with CKAN, without its examples.

    CKAN up to 2.11 also names plugins of its own tests, which are not installed.
    """
    modules = {
        ".".join(entry.module.split(".")[:2])
        for entry in distribution("ckan").entry_points
        if entry.group == "ckan.plugins"
    }
    shipped = (name for name in modules if not name.startswith("ckanext.example_"))
    return tuple(sorted(name for name in shipped if _folder(name)))


def all_sources() -> list[Source]:
    """Return the sources in the order of `ckanext.nd47.lib.language.catalogues.SOURCES`."""
    return [
        Source(
            "ckan",
            ("ckan", *core_extensions()),
            template="i18n/ckan.pot",
            runtime="ckan-runtime.pot",
        ),
        Source(
            "ckanext-scheming",
            ("ckanext.scheming",),
            schemas=("presets.json", "ckan_dataset.yaml", "ckan_formpages.yaml"),
        ),
        Source(
            "ckanext-dcat",
            ("ckanext.dcat",),
            template="i18n/ckanext-dcat.pot",
            schemas=(
                "schemas/presets.yaml",
                "schemas/dcat_ap_recommended.yaml",
                "schemas/dcat_ap_full.yaml",
                "schemas/dcat_ap_in_series.yaml",
                "schemas/dcat_ap_dataset_series.yaml",
                "schemas/publisher_organization.yaml",
            ),
        ),
        Source("ckanext-harvest", ("ckanext.harvest",), template="i18n/ckanext-harvest.pot"),
        Source("ckanext-xloader", ("ckanext.xloader",)),
        Source(OWN_DOMAIN, ("ckanext.nd47",)),
    ]


def messages_of(source: Source) -> Catalog:
    """Return all messages of an installed source as an untranslated catalogue."""
    catalogue = Catalog(project=source.domain, fuzzy=False)
    first = _installed_folder(source.packages[0])
    if source.template:
        _add_template(catalogue, first / source.template)
    if source.runtime:
        _add_template(catalogue, data_path("i18n", source.runtime))
    for package in source.packages:
        _add_extracted(catalogue, package)
    for name in source.schemas:
        location = f"{source.packages[0].replace('.', '/')}/{name}"
        for text in schema_texts(_read_schema(first / name)):
            catalogue.add(text, locations=[(location, 0)])
    return catalogue


def schema_texts(schema: object) -> Iterator[str]:
    """Yield the texts of a scheming schema that are one plain string for all languages."""
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key in SCHEMA_TEXTS and isinstance(value, str) and value:
                yield value
            else:
                yield from schema_texts(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from schema_texts(item)


def _add_template(catalogue: Catalog, path: Path) -> None:
    """Add the messages of a `.pot` file."""
    with path.open("rb") as stream:
        for message in read_po(stream):
            if message.id:
                catalogue.add(
                    message.id,
                    locations=message.locations,
                    flags=message.flags,
                    auto_comments=message.auto_comments,
                    context=message.context,
                )


def _add_extracted(catalogue: Catalog, package: str) -> None:
    """Add the messages in the code, scripts and templates of a package."""
    extracted = extract_from_dir(_installed_folder(package), METHODS, OPTIONS)
    for filename, line, message_id, _comments, context in extracted:
        path = f"{package.replace('.', '/')}/{filename}"
        catalogue.add(message_id, locations=[(path, line)], context=context)


def _folder(package: str) -> Path | None:
    """Return the folder of a package, or None where it is not installed."""
    try:
        spec = find_spec(package)
    except ModuleNotFoundError:
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _installed_folder(package: str) -> Path:
    """Return the folder of a package.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    folder = _folder(package)
    if folder is None:
        raise ModuleNotFoundError(name=package)
    return folder


def _read_schema(path: Path) -> Any:
    """Read a scheming schema."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
