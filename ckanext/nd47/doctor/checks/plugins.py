"""Checks of versions and of the list of plugins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, entry_points, version

from packaging.requirements import Requirement

from ckanext.nd47.doctor.check import Check, Result, report
from ckanext.nd47.doctor.portal import ENVVARS, Portal

SUITE = ("nd47", "nd47_dcat", "nd47_l10n")
NEEDED = {
    "nd47": ("scheming_datasets", "scheming_organizations"),
    "nd47_dcat": ("nd47", "dcat"),
    "nd47_desk": ("nd47",),
    "nd47_portal": ("nd47",),
    "structured_data": ("dcat",),
    "dcat_rdf_harvester": ("harvest",),
    "ckan_harvester": ("harvest",),
    "xloader": ("datastore",),
    "datapusher": ("datastore",),
    "datatables_view": ("datastore",),
    "tabledesigner": ("datastore",),
}
"""Plugins that each plugin requires."""

DESK, PORTAL = "nd47_desk", "nd47_portal"
DISTRIBUTION = "ckanext-nd47"
WITH_CKAN = {"extra": "ckan"}
"""The extra with the requirement of CKAN itself, so that pip never replaces a portal's CKAN."""

GROUP = "ckan.plugins"


def versions(portal: Portal) -> Iterator[Result]:
    """Compare installed versions with the requirements of the suite."""
    for line in distribution(DISTRIBUTION).requires or []:
        needed = Requirement(line)
        if needed.marker and not needed.marker.evaluate(WITH_CKAN):
            continue
        specifier = str(needed.specifier)
        try:
            installed = version(needed.name)
        except PackageNotFoundError:
            yield report("version-missing", name=needed.name, required=specifier)
            continue
        if not needed.specifier.contains(installed, prereleases=True):
            yield report("version-unfit", name=needed.name, required=specifier, installed=installed)


@cache
def installed_plugins() -> frozenset[str]:
    """Return the names of all plugins that were installed when the process first asked."""
    return frozenset(point.name for point in entry_points(group=GROUP))


def unknown_plugins(portal: Portal) -> Iterator[Result]:
    """Find plugins that are not installed or are listed twice."""
    installed = installed_plugins()
    for name, count in Counter(portal.plugins).items():
        if name not in installed:
            near = get_close_matches(name, installed, n=1)
            corrected = [
                near[0] if plugin == name and near else plugin for plugin in portal.plugins
            ]
            proposed = corrected if near else [plugin for plugin in corrected if plugin != name]
            yield report("plugin-unknown", name=name, line=" ".join(proposed))
        if count > 1:
            line = " ".join(dict.fromkeys(portal.plugins))
            yield report("plugin-twice", name=name, line=line)


def missing_plugins(portal: Portal) -> Iterator[Result]:
    """Find plugins whose required plugins are not enabled."""
    for name in portal.plugins:
        missing = [plugin for plugin in NEEDED.get(name, ()) if not portal.has(plugin)]
        if missing:
            line = _with(portal, missing)
            yield report("plugin-lacks", name=name, missing=missing, line=line)


def suite_plugins(portal: Portal) -> Iterator[Result]:
    """Report plugins of the suite that are not enabled."""
    off = [name for name in SUITE if not portal.has(name)]
    needed = {"nd47", "nd47_dcat"}.intersection(off)
    missing = list(dict.fromkeys([*off, *(n for plugin in needed for n in NEEDED[plugin])]))
    added = [plugin for plugin in missing if not portal.has(plugin)]
    line = _with(portal, added)
    if len(off) == len(SUITE):
        yield report("suite-off", line=line)
    elif off:
        yield report("suite-part", missing=off, line=line)


def _with(portal: Portal, added: list[str]) -> str:
    """Return the list of plugins with added ones; ckanext-envvars remains last."""
    last = [plugin for plugin in portal.plugins if plugin == ENVVARS]
    return " ".join([*(plugin for plugin in portal.plugins if plugin != ENVVARS), *added, *last])


def desk_first(portal: Portal) -> Iterator[Result]:
    """Check that the work list's header comes before the one that it extends."""
    plugins = portal.plugins
    if not (portal.has(DESK) and portal.has(PORTAL)) or plugins.index(DESK) < plugins.index(PORTAL):
        return
    rest = [plugin for plugin in plugins if plugin != DESK]
    rest.insert(rest.index(PORTAL), DESK)
    yield report("desk-behind-portal", line=" ".join(rest))


def envvars_last(portal: Portal) -> Iterator[Result]:
    """Check that ckanext-envvars comes after the plugins whose options it sets."""
    if portal.has(ENVVARS) and portal.plugins[-1] != ENVVARS:
        line = " ".join([*(plugin for plugin in portal.plugins if plugin != ENVVARS), ENVVARS])
        yield report("envvars-not-last", line=line)


CHECKS = (
    Check(versions, ("version-missing", "version-unfit")),
    Check(unknown_plugins, ("plugin-unknown", "plugin-twice")),
    Check(missing_plugins, ("plugin-lacks",)),
    Check(suite_plugins, ("suite-off", "suite-part")),
    Check(desk_first, ("desk-behind-portal",)),
    Check(envvars_last, ("envvars-not-last",)),
)
