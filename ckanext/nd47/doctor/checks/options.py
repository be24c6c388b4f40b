"""Checks of the suite's options and of environment variables."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ckan import model
from ckan.common import CKANConfig
from ckan.config.environment import CONFIG_FROM_ENV_VARS

from ckanext.nd47.doctor.check import Check, Result, report
from ckanext.nd47.doctor.portal import (
    ENVVARS,
    PLUGINS,
    TOO_EARLY,
    UNREADABLE,
    Portal,
    from_envvars,
    option_of,
    read,
)
from ckanext.nd47.lib import config as options
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.fields import values

OWN = "ckanext.nd47."
NEAR = 0.85
"""Minimum similarity of two names to assume a misspelling."""

FILES = (
    options.VOCABULARY_FOLDER,
    options.TERMS_FOLDER,
    options.ABBREVIATIONS,
    options.SYNONYMS,
)
CODES = {options.LEGAL_EDITION: "legal-edition", options.DEFAULT_LANGUAGE: "language"}
DAYS = (options.RULES_FROM, options.RULES_FOR_ALL_FROM)
VIETNAM = (101.0, 6.0, 118.5, 24.0)
"""West, south, east and north of the country with its sea and islands."""

OF_CKAN = frozenset({"CKAN_INI", "CKAN_CONFIG", "CKAN_VERSION", "CKAN_HOME", "CKAN_VENV"})
"""Variables that CKAN and its images use, which are not options."""


def configuration_file(portal: Portal) -> Iterator[Result]:
    """Check that a running portal could read its configuration file again."""
    if portal.started and portal.file:
        try:
            read(portal.file)
        except UNREADABLE as error:
            yield report("configuration-unreadable", file=portal.file, reason=error)


def invalid_options(portal: Portal) -> Iterator[Result]:
    """Validate the options of CKAN and the suite."""
    if portal.started:
        return  # CKAN does not start with such an option.
    copy = CKANConfig({key: portal.config[key] for key in portal.config if key in portal.declared})
    portal.declared.make_safe(copy)
    _, errors = portal.declared.validate(copy)
    for option, messages in errors.items():
        if option in portal.config:
            default = portal.declared.get(str(option))
            yield report(
                "option-invalid",
                option=option,
                value=portal.text(str(option)),
                reason=" ".join(map(str, messages)),
                line=f"{option} = {default.str_value() if default else ''}",
            )


def misspelt_options(portal: Portal) -> Iterator[Result]:
    """Find undeclared options that are similar to a declared one."""
    declared = {str(key) for key in portal.declared.iter_options()}
    for option in portal.written:
        if option in declared:
            continue
        near = get_close_matches(option, declared, n=1, cutoff=NEAR)
        unknown = option.startswith(OWN) and option not in options.declared_names()
        if near or unknown:
            # The value may be a password, which no report shows.
            better = f"{near[0]} =" if near else "# &"
            line = f"sed -i 's/^{option} *=/{better}/' {portal.file_name}"
            yield report("option-unknown", option=option, line=line)


def environment(portal: Portal) -> Iterator[Result]:
    """Find environment variables without effect, or overridden by another one."""
    variables = portal.environment
    plain = {name: option for option, name in CONFIG_FROM_ENV_VARS.items()}
    doubled = [name for name in variables if name.startswith("CKAN") and "__" in name]
    if doubled and not portal.has(ENVVARS):
        line = " ".join([*portal.plugins, ENVVARS])
        yield report("environment-unread", variables=sorted(doubled)[:20], line=line)
    for name in doubled:
        option = option_of(name)
        if option == PLUGINS and set(portal.plugins) == set(variables[name].split()):
            continue
        if option in TOO_EARLY:
            plain_name = CONFIG_FROM_ENV_VARS.get(option)
            line = (
                f'export {plain_name}="${name}"' if plain_name else f"{option} = {variables[name]}"
            )
            yield report("environment-too-late", variable=name, line=line)
    for name in sorted(variables):
        if name.startswith("CKAN_") and "__" not in name and name not in {*plain, *OF_CKAN}:
            near = get_close_matches(name, plain, n=1, cutoff=NEAR)
            if near:
                line = f'export {near[0]}="${name}"'
                yield report("environment-unknown", variable=name, near=near[0], line=line)
    yield from _misspelt_variables(portal)
    yield from _overruled(portal, plain)


def _misspelt_variables(portal: Portal) -> Iterator[Result]:
    """Find variables of ckanext-envvars that are similar to one of a declared option."""
    declared = {str(key) for key in portal.declared.iter_options()}
    for option in sorted(from_envvars(portal.environment)):
        near = [] if option in declared else get_close_matches(option, declared, n=1, cutoff=NEAR)
        if near:
            right = near[0].upper().replace(".", "__")
            right = right if right.startswith("CKAN") else f"CKAN___{right}"
            variable = next(key for key in portal.environment if option_of(key) == option)
            line = f'export {right}="${variable}"'
            yield report("environment-unknown", variable=variable, near=right, line=line)


def _overruled(portal: Portal, plain: dict[str, str]) -> Iterator[Result]:
    """Find options that are set to different values in two places."""
    values_by_option: dict[str, dict[str, str]] = {}
    for name, value in portal.environment.items():
        option = plain.get(name)
        if not option and portal.has(ENVVARS) and name.startswith("CKAN") and "__" in name:
            option = option_of(name)
        if option and value and option not in TOO_EARLY - set(plain.values()):
            values_by_option.setdefault(option, {})[name] = value
    for option, variables in values_by_option.items():
        written = portal.written.get(option)
        places = list(variables)
        if len(set(variables.values())) > 1:
            line = f"unset {places[0]}"
            yield report("environment-conflict", option=option, places=places, line=line)
        elif written is not None and {written} != set(variables.values()):
            if written.casefold() in _generated(portal, option):
                # `ckan generate config` wrote it, not an administrator.
                continue
            line = f"sed -i 's/^{option} *=/# &/' {portal.file_name}"
            places = [Path(portal.file_name).name, *places]
            yield report("environment-conflict", option=option, places=places, line=line)


def codes(portal: Portal) -> Iterator[Result]:
    """Find unknown codes and invalid days."""
    for option, list_id in CODES.items():
        value, list_codes = portal.text(option), _codes(portal, list_id)
        if value and list_codes and value not in list_codes:
            yield report(
                "code-unknown", option=option, value=value, line=f"{option} = {list_codes[0]}"
            )
    scheme = portal.text(options.FIELD_SCHEME)
    if not _list_file(portal, scheme).is_file():
        line = f"{options.FIELD_SCHEME} = {_default(portal, options.FIELD_SCHEME)}"
        yield report("code-unknown", option=options.FIELD_SCHEME, value=scheme, line=line)
    for option in DAYS:
        value = portal.text(option)
        try:
            good = not value or len(values.date(value)) == len("YYYY-MM-DD")
        except ValueError:
            good = False
        if not good:
            yield report("day-invalid", option=option, value=value)


def agency_code(portal: Portal) -> Iterator[Result]:
    """Check the code of the agency that runs the portal."""
    code = portal.text(options.AGENCY_CODE)
    if not code:
        yield report("agency-code-unset")
        return
    try:
        values.agency_code(code)
    except ValueError:
        yield report("agency-code-invalid", value=code)


def place(portal: Portal) -> Iterator[Result]:
    """Check the area that the portal serves."""
    written = portal.text(options.DCAT_PLACE)
    if not written:
        if portal.has("nd47_dcat"):
            yield report("place-unset")
    elif written.isdigit() and written not in _codes(portal, "province"):
        yield report("place-unknown", value=written)


def extent(portal: Portal) -> Iterator[Result]:
    """Check the bounding box of that area."""
    written = portal.text(options.DCAT_EXTENT)
    if not written:
        return
    try:
        west, south, east, north = map(float, written.replace(",", " ").split())
    except ValueError:
        yield report("extent-invalid", value=written)
        return
    if not (west < east and south < north):
        yield report("extent-invalid", value=written)
    elif west < VIETNAM[0] or south < VIETNAM[1] or east > VIETNAM[2] or north > VIETNAM[3]:
        yield report("extent-outside", value=written)


def folders(portal: Portal) -> Iterator[Result]:
    """Find missing folders and files of the portal."""
    for option in FILES:
        written = portal.text(option)
        if written and not Path(written).exists():
            yield report("folder-missing", option=option, value=written)


def licences(portal: Portal) -> Iterator[Result]:
    """Check the list of licences, and the licences in the options."""
    address = portal.text("licenses_group_url")
    if address.startswith(("http:", "https:")):
        yield report("licences-remote", value=address)
    if not portal.started:
        return
    license_ids = set(model.Package.get_license_register())
    for option in (options.DEFAULT_LICENSE, options.DCAT_LICENCE):
        value = portal.text(option)
        if value and value not in license_ids and "://" not in value:
            yield report("licence-unknown", option=option, value=value)


def _list_file(portal: Portal, list_id: str) -> Path:
    """Return the file of a code list: the portal's own, otherwise that of the suite."""
    name = f"{list_id}.yaml"
    own_folder = portal.text(options.VOCABULARY_FOLDER)
    if own_folder and (Path(own_folder) / name).is_file():
        return Path(own_folder) / name
    return data_path("schemas", "vocabularies", name)


def _codes(portal: Portal, list_id: str) -> list[str]:
    paths = {_list_file(portal, list_id), data_path("schemas", "vocabularies", f"{list_id}.yaml")}
    found_codes = []
    for path in sorted(paths):
        content: Any = read_yaml(path)
        found_codes += [str(row["code"]) for row in content["terms"]]
    return found_codes


def _generated(portal: Portal, option: str) -> set[str]:
    """Return the values that an option may have in a file by `ckan generate config`."""
    declared = portal.declared.get(option)
    if declared is None:
        return set()
    secret = portal.written.get("SECRET_KEY", "")
    placeholder = (declared.placeholder or "").replace("%(SECRET_KEY)s", secret)
    return {declared.str_value().casefold(), placeholder.casefold()}


def _default(portal: Portal, option: str) -> str:
    declared = portal.declared.get(option)
    return str(declared.default) if declared else ""


CHECKS = (
    Check(configuration_file, ("configuration-unreadable",)),
    Check(invalid_options, ("option-invalid",)),
    Check(misspelt_options, ("option-unknown",)),
    Check(
        environment,
        (
            "environment-unread",
            "environment-too-late",
            "environment-unknown",
            "environment-conflict",
        ),
    ),
    Check(codes, ("code-unknown", "day-invalid")),
    Check(agency_code, ("agency-code-unset", "agency-code-invalid")),
    Check(place, ("place-unset", "place-unknown")),
    Check(extent, ("extent-invalid", "extent-outside")),
    Check(folders, ("folder-missing",)),
    Check(licences, ("licences-remote", "licence-unknown")),
)
