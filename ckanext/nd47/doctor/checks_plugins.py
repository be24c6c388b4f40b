"""Checks of versions and of the list of plugins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, distribution, entry_points, version

from packaging.requirements import Requirement

from ckanext.nd47.doctor.check import Check, Found, found
from ckanext.nd47.doctor.portal import ENVVARS, Portal

SUITE = ("nd47", "nd47_dcat", "nd47_l10n")
NEEDED = {
    "nd47": ("scheming_datasets", "scheming_organizations"),
    "nd47_dcat": ("nd47", "dcat"),
    "nd47_portal": ("nd47",),
    "structured_data": ("dcat",),
    "dcat_rdf_harvester": ("harvest",),
    "ckan_harvester": ("harvest",),
    "xloader": ("datastore",),
    "datapusher": ("datastore",),
    "datatables_view": ("datastore",),
    "tabledesigner": ("datastore",),
}
"""Plugins that each plugin builds on."""

DISTRIBUTION = "ckanext-nd47"
WITH_CKAN = {"extra": "ckan"}
"""CKAN itself is an extra of ours, so that pip never replaces the CKAN of a portal."""

GROUP = "ckan.plugins"


def versions(portal: Portal) -> Iterator[Found]:
    """Compare what is installed with what the suite was made for."""
    for line in distribution(DISTRIBUTION).requires or []:
        needed = Requirement(line)
        if needed.marker and not needed.marker.evaluate(WITH_CKAN):
            continue
        wanted = str(needed.specifier)
        try:
            installed = version(needed.name)
        except PackageNotFoundError:
            yield found("version-missing", name=needed.name, wanted=wanted)
            continue
        if not needed.specifier.contains(installed, prereleases=True):
            yield found("version-unfit", name=needed.name, wanted=wanted, installed=installed)


def installed_plugins() -> set[str]:
    """Return the names of all plugins that are installed."""
    return {one.name for one in entry_points(group=GROUP)}


def unknown_plugins(portal: Portal) -> Iterator[Found]:
    """Look for plugins that are not installed, and for those named twice."""
    known = installed_plugins()
    for name, count in Counter(portal.plugins).items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            others = [near[0] if one == name and near else one for one in portal.plugins]
            wanted = others if near else [one for one in others if one != name]
            yield found("plugin-unknown", name=name, line=" ".join(wanted))
        if count > 1:
            line = " ".join(dict.fromkeys(portal.plugins))
            yield found("plugin-twice", name=name, line=line)


def missing_plugins(portal: Portal) -> Iterator[Found]:
    """Look for plugins without those that they build on."""
    for name in portal.plugins:
        missing = [one for one in NEEDED.get(name, ()) if not portal.has(one)]
        if missing:
            line = _with(portal, missing)
            yield found("plugin-lacks", name=name, missing=missing, line=line)


def suite_plugins(portal: Portal) -> Iterator[Found]:
    """Say which plugins of the suite are not switched on."""
    off = [name for name in SUITE if not portal.has(name)]
    needed = {"nd47", "nd47_dcat"}.intersection(off)
    wanted = list(dict.fromkeys([*off, *(n for one in needed for n in NEEDED[one])]))
    added = [one for one in wanted if not portal.has(one)]
    line = _with(portal, added)
    if len(off) == len(SUITE):
        yield found("suite-off", line=line)
    elif off:
        yield found("suite-part", missing=off, line=line)


def _with(portal: Portal, added: list[str]) -> str:
    """Return the list of plugins with others, ckanext-envvars still at its end."""
    last = [one for one in portal.plugins if one == ENVVARS]
    return " ".join([*(one for one in portal.plugins if one != ENVVARS), *added, *last])


def envvars_last(portal: Portal) -> Iterator[Found]:
    """Look whether ckanext-envvars comes after the plugins whose options it sets."""
    if portal.has(ENVVARS) and portal.plugins[-1] != ENVVARS:
        line = " ".join([*(one for one in portal.plugins if one != ENVVARS), ENVVARS])
        yield found("envvars-not-last", line=line)


CHECKS = (
    Check(versions, ("version-missing", "version-unfit")),
    Check(unknown_plugins, ("plugin-unknown", "plugin-twice")),
    Check(missing_plugins, ("plugin-lacks",)),
    Check(suite_plugins, ("suite-off", "suite-part")),
    Check(envvars_last, ("envvars-not-last",)),
)
