"""Checks that a portal has to have started for: the export, the rules, other extensions."""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.dcat import health
from ckanext.nd47.doctor.check import Check, Found, Needs, found
from ckanext.nd47.doctor.checks_plugins import SUITE
from ckanext.nd47.doctor.portal import Portal
from ckanext.nd47.rules import edition

WAITING = 0
NAMED = 10
"""Fields that a finding names; the command lists all."""
LATE = dt.timedelta(days=1)
"""How much older than the export a dump may be."""

BATCH = 200
SECONDS = 5.0
"""How long datasets are held against the rules; somebody waits for the answer."""

PATCHED: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "ckan": ("ckan.lib.munge", "substitute_ascii_equivalents", ("text_unicode",)),
    "scheming_datasets": (
        "ckanext.scheming.plugins",
        "SchemingDatasetsPlugin.validate",
        ("self", "context", "data_dict", "schema", "action"),
    ),
    "dcat": (
        "ckanext.dcat.plugins",
        "DCATPlugin.before_dataset_index",
        ("self", "dataset_dict"),
    ),
    "datastore": (
        "ckanext.datastore.backend.postgres",
        "DatastorePostgresqlBackend.datastore_search",
        ("self", "context", "data_dict", "fields_types", "query_dict"),
    ),
}
"""By plugin, what the suite wraps: module, function, parameters that it was written for."""

REPLACES = re.compile(r"\{%-?\s*(ckan_extends|extends)\b")
PATHS = "plugin_template_paths"


def export(portal: Portal) -> Iterator[Found]:
    """Look how the stored export is."""
    state = health.look() if p.plugin_loaded("nd47_dcat") else None
    if state is None:
        return
    yield from _content(state)
    yield from _dump(state)


def _content(state: health.Health) -> Iterator[Found]:
    if not state.complete:
        yield found("export-incomplete")
    if state.pending > WAITING:
        yield found("export-waiting", count=state.pending)
    if state.broken:
        yield found("export-broken", count=state.broken)
    if state.lossy:
        yield found("export-lossy", count=state.lossy)
    if state.left_out:
        listed = [f"{one['field']} ({one['datasets']})" for one in state.left_out]
        more = [f"… {len(listed) - NAMED}"] if len(listed) > NAMED else []
        yield found("export-left-out", fields=", ".join([*listed[:NAMED], *more]))
    if state.moved:
        yield found("export-moved", addresses=", ".join(state.moved))


def _dump(state: health.Health) -> Iterator[Found]:
    if state.dumped is None:
        if state.live:
            yield found("dump-missing")
    elif state.changed and state.changed - state.dumped > LATE:
        day = state.dumped.astimezone().date().isoformat()
        yield found("dump-old", day=day)


def rules(portal: Portal) -> Iterator[Found]:
    """Count the public datasets that could not be published today."""
    if not p.plugin_loaded("nd47"):
        return
    try:
        edition.stored_levels(portal.text("ckanext.nd47.rules"))
    except tk.Invalid as error:
        yield found("rules-invalid", reason=error.error)
    seen = refused = 0
    complete = True
    end = time.monotonic() + SECONDS
    after: str | None = ""
    while after is not None:
        page: dict[str, Any] = tk.get_action("nd47_rule_check")(
            {"ignore_auth": True}, {"only_unmet": True, "after": after, "limit": BATCH}
        )
        public = [one for one in page["results"] if one["state"] == "active" and not one["private"]]
        seen += len(public)
        refused += sum(not one["publishable"] for one in public)
        after = page["next"]
        if after is not None and time.monotonic() > end:
            complete = False
            break
    if refused:
        finding = "rules-unmet" if complete else "rules-unmet-so-far"
        yield found(finding, count=refused, seen=seen)


def patches(portal: Portal) -> Iterator[Found]:
    """Look whether what the suite wraps still has the form that it was written for."""
    for plugin, (module, name, wanted) in PATCHED.items():
        if plugin != "ckan" and not portal.has(plugin):
            continue
        target: Any = importlib.import_module(module)
        for part in name.split("."):
            target = getattr(target, part, None)
        given = tuple(inspect.signature(target).parameters) if callable(target) else ()
        if given != wanted:
            yield found("patch-unfit", target=f"{module}.{name}", wanted=wanted, given=given)


def overridden_templates(portal: Portal) -> Iterator[Found]:
    """Look for templates of other plugins that hide ours of the same name."""
    paths = [Path(one).resolve() for one in tk.config.get(PATHS) or []]
    package = Path(__file__).parents[1].resolve()
    theirs: list[Path] = []
    for folder in paths:
        if not folder.is_relative_to(package):
            theirs.append(folder)
            continue
        for template in sorted(folder.rglob("*.html")):
            name = template.relative_to(folder)
            for other in theirs:
                if _hides(other / name):
                    yield found("template-hidden", template=name, file=other / name)


def _hides(path: Path) -> bool:
    """Say whether a template replaces the one below it, rather than adding to it."""
    try:
        return not REPLACES.search(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return False


def overridden_actions(portal: Portal) -> Iterator[Found]:
    """Look for actions of CKAN that the suite adds to, and that another plugin replaces."""
    ours: set[str] = set()
    others: dict[str, str] = {}
    for plugin in p.PluginImplementations(p.IActions):
        if plugin.name in SUITE:
            ours |= plugin.get_actions().keys()
            continue
        for name, function in plugin.get_actions().items():
            if not getattr(function, "chained_action", False):
                others[name] = plugin.name
    for name in sorted(ours & others.keys()):
        yield found("action-replaced", action=name, plugin=others[name])


CHECKS = (
    Check(
        export,
        (
            "export-incomplete",
            "export-waiting",
            "export-broken",
            "export-lossy",
            "export-left-out",
            "export-moved",
            "dump-missing",
            "dump-old",
        ),
        Needs.STARTED,
    ),
    Check(rules, ("rules-invalid", "rules-unmet", "rules-unmet-so-far"), Needs.STARTED),
    Check(patches, ("patch-unfit",), Needs.STARTED),
    Check(overridden_templates, ("template-hidden",), Needs.STARTED),
    Check(overridden_actions, ("action-replaced",), Needs.STARTED),
)
