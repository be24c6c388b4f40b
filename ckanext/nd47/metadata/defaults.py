"""What the form proposes for a new dataset, and what a portal starts with.

A program, a harvest or an import gets nothing of it: a record says what its sender said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config, values, vocabulary
from ckanext.nd47.lib.data import data_path
from ckanext.nd47.metadata import licence

if TYPE_CHECKING:
    from ckan.common import CKANConfig
    from ckan.config.declaration import Declaration, Key

DCAT_PRESETS = "ckanext.dcat.schemas:presets.yaml"
SCHEMING_PRESETS = "ckanext.scheming:presets.json"


def declare_options(declaration: Declaration, key: Key) -> None:
    """Declare the options of the suite, and what ckanext-scheming and CKAN find when unset.

    A default of another extension's option takes effect only where the portal sets nothing, in any
    order of plugins, and goes with the plugin.
    """
    config.declare(declaration, key)
    for option, value in foreign_defaults().items():
        declared = declaration.get(option)
        if declared is None:
            declared = declaration.declare(option, value)
        declared.set_default(value)
    add_presets(tk.config)


def add_presets(options: CKANConfig) -> None:
    """Add the presets that our schemas need to those that a portal sets itself.

    ckanext-scheming ends the start of a portal where a schema names a preset that no file has. What
    the portal has comes first, and wins.
    """
    chosen = str(options.get(config.PRESETS) or "").split()
    missing = [path for path in foreign_defaults()[config.PRESETS].split() if path not in chosen]
    if chosen and missing:
        options[config.PRESETS] = " ".join([*chosen, *missing])


def foreign_defaults() -> dict[str, str]:
    """Return our defaults for options of CKAN and ckanext-scheming."""
    schemas = {name: data_path("schemas", f"{name}.yaml") for name in ("dataset", "organization")}
    presets = data_path("schemas", "presets.yaml").as_uri()
    return {
        "scheming.dataset_schemas": schemas["dataset"].as_uri(),
        "scheming.organization_schemas": schemas["organization"].as_uri(),
        # The first file wins, so ours may refine a preset of the others.
        config.PRESETS: f"{presets} {DCAT_PRESETS} {SCHEMING_PRESETS}",
    }


def edition() -> vocabulary.Term | None:
    """Return the legal edition that the portal has chosen."""
    return vocabulary.term("legal-edition", config.legal_edition())


def license_id() -> str:
    """Return the licence of a new dataset: that of the portal, else of its legal edition.

    One that the portal does not offer would make every new dataset be refused.
    """
    chosen = edition()
    for one in (config.default_license(), chosen["licence"] if chosen else ""):
        if one and licence.find(one):
            return one
    return ""


def instruments() -> list[str]:
    """Return the codes of the instruments that a new dataset is published under."""
    chosen = edition()
    return list(chosen["instruments"] or ()) if chosen else []


def today() -> str:
    """Return the day in Vietnam."""
    return dt.datetime.now(values.VIETNAM).date().isoformat()


OPEN_CLASS = "du-lieu-mo"

NEW_DATASET: Mapping[str, Callable[[], Any]] = {
    "license_id": license_id,
    "applicable_legislation": instruments,
    "language": lambda: [config.default_language()],
    "access_rights": lambda: "cong-khai",
    "sharing_class": lambda: OPEN_CLASS,
}
"""What the form of a new dataset or a draft proposes for a field that is empty."""

SHARING = "sharing_class"
OF_ANY_DATA = frozenset({SHARING, "language"})
"""Fields for which something is proposed whatever the data are; the others are of open data."""


def proposed(dataset: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return what the form proposes for the fields of a dataset that are empty.

    Args:
        dataset: as the form has it.
        names: by our names of the fields that the form proposes for, their names in the schema.
    """
    sharing = dataset.get(names.get(SHARING, SHARING)) or OPEN_CLASS
    wanted = {
        theirs: NEW_DATASET[ours]()
        for ours, theirs in names.items()
        if (sharing == OPEN_CLASS or ours in OF_ANY_DATA) and not dataset.get(theirs)
    }
    return {name: value for name, value in wanted.items() if value}
