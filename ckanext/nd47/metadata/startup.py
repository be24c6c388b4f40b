"""What is to be put in order once all plugins are loaded."""

from __future__ import annotations

import logging
from pathlib import Path

import ckan.plugins as p
from ckan import model
from ckan.common import CKANConfig
from ckan.model.license import License, LicenseRegister

from ckanext.nd47 import config as options

log = logging.getLogger(__name__)

OWN_TEMPLATES = Path(__file__).parents[1] / "templates"
OWN_LICENCES = ("vn-open-data-2023", "nd47-open-data")
NEEDED_PLUGINS = ("scheming_datasets", "scheming_organizations")
SCHEMING_TEMPLATES = ("scheming", "templates")
TEMPLATE_PATHS = "computed_template_paths"


def arrange(config: CKANConfig) -> None:
    """Finish the set-up of the plugin; run by CKAN after every change of plugins."""
    warn_of_missing_plugins()
    config[TEMPLATE_PATHS] = before_scheming(config[TEMPLATE_PATHS])
    give_licences_addresses()


def warn_of_missing_plugins() -> None:
    """Say which plugin is missing, since without it the fields are silently not there."""
    for name in NEEDED_PLUGINS:
        if not p.plugin_loaded(name):
            log.warning(
                "Plugin nd47 needs %s: add it to ckan.plugins, or the fields of nd47 do not show",
                name,
            )


def before_scheming(paths: list[str]) -> list[str]:
    """Put our templates, which refine those of ckanext-scheming, in front of them.

    The order of `ckan.plugins` decides otherwise; a portal's own theme keeps its place before us.
    """
    resolved = [Path(path).resolve() for path in paths]
    own = OWN_TEMPLATES.resolve()
    folders = [path.parts[-2:] for path in resolved]
    if own not in resolved or SCHEMING_TEMPLATES not in folders:
        return paths
    scheming = folders.index(SCHEMING_TEMPLATES)
    if resolved.index(own) < scheming:
        return paths
    arranged = list(paths)
    arranged.insert(scheming, arranged.pop(resolved.index(own)))
    return arranged


def license_address(license_id: str) -> str:
    """Return the address of one of our licences, which is also its IRI."""
    return f"{options.base_iri()}/licence/{license_id}"


def give_licences_addresses() -> None:
    """Load the licences anew and give ours their address, which the file cannot know."""
    register = LicenseRegister()
    for position, entry in enumerate(register.licenses):
        facts = entry.license_dictize()
        if facts["id"] in OWN_LICENCES and not facts["url"]:
            address = license_address(facts["id"])
            register.licenses[position] = License({**facts, "url": address})
    # CKAN keeps one register for the life of the process and has no way to renew it.
    setattr(model.Package, "_license_register", register)  # noqa: B010 - private to CKAN
