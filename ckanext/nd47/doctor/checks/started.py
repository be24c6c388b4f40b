"""Checks of a started portal: the export, the rules, other extensions."""

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
from ckanext.nd47.desk import health as desk_health
from ckanext.nd47.doctor.check import Check, Needs, Result, report
from ckanext.nd47.doctor.checks.plugins import SUITE
from ckanext.nd47.doctor.portal import Portal
from ckanext.nd47.rules import edition

WAITING = 0
NAMED = 10
"""Fields that a finding names; the command lists all."""
LATE = dt.timedelta(days=1)
"""Maximum delay of a dump behind the export."""

BATCH = 200
SECONDS = 5.0
"""Maximum time for applying the rules to datasets, since a user waits for the result."""

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
"""By plugin, functions that the suite wraps: module, name and expected parameters."""

REPLACES = re.compile(r"\{%-?\s*(ckan_extends|extends)\b")
PATHS = "plugin_template_paths"


def export(portal: Portal) -> Iterator[Result]:
    """Check the stored export."""
    state = health.look() if p.plugin_loaded("nd47_dcat") else None
    if state is None:
        return
    yield from _content(state)
    yield from _dump(state)


def _content(state: health.Health) -> Iterator[Result]:
    if not state.complete:
        yield report("export-incomplete")
    if state.pending > WAITING:
        yield report("export-waiting", count=state.pending)
    if state.broken:
        yield report("export-broken", count=state.broken)
    if state.lossy:
        yield report("export-lossy", count=state.lossy)
    if state.left_out:
        listed = [f"{field['field']} ({field['datasets']})" for field in state.left_out]
        more = [f"… {len(listed) - NAMED}"] if len(listed) > NAMED else []
        yield report("export-left-out", fields=", ".join([*listed[:NAMED], *more]))
    if state.moved:
        yield report("export-moved", addresses=", ".join(state.moved))


def _dump(state: health.Health) -> Iterator[Result]:
    if state.dumped is None:
        if state.live:
            yield report("dump-missing")
    elif state.changed and state.changed - state.dumped > LATE:
        day = state.dumped.astimezone().date().isoformat()
        yield report("dump-old", day=day)


def work_list(portal: Portal) -> Iterator[Result]:
    """Check that the work list knows what the rules say about each dataset."""
    count = desk_health.waiting() if p.plugin_loaded("nd47_desk") else 0
    if count:
        yield report("work-waiting", count=count)


def rules(portal: Portal) -> Iterator[Result]:
    """Count the public datasets that could not be published today."""
    if not p.plugin_loaded("nd47"):
        return
    try:
        edition.stored_levels(portal.text("ckanext.nd47.rules"))
    except tk.Invalid as error:
        yield report("rules-invalid", reason=error.error)
    checked = refused = 0
    complete = True
    end = time.monotonic() + SECONDS
    after: str | None = ""
    while after is not None:
        page: dict[str, Any] = tk.get_action("nd47_rule_check")(
            {"ignore_auth": True}, {"only_unmet": True, "after": after, "limit": BATCH}
        )
        public = [
            result
            for result in page["results"]
            if result["state"] == "active" and not result["private"]
        ]
        checked += len(public)
        refused += sum(not result["publishable"] for result in public)
        after = page["next"]
        if after is not None and time.monotonic() > end:
            complete = False
            break
    if refused:
        finding = "rules-unmet" if complete else "rules-unmet-so-far"
        yield report(finding, count=refused, seen=checked)


def patches(portal: Portal) -> Iterator[Result]:
    """Check that the wrapped functions have the expected parameters."""
    for plugin, (module, name, expected) in PATCHED.items():
        if plugin != "ckan" and not portal.has(plugin):
            continue
        target: Any = importlib.import_module(module)
        for part in name.split("."):
            target = getattr(target, part, None)
        actual = tuple(inspect.signature(target).parameters) if callable(target) else ()
        if actual != expected:
            yield report("patch-unfit", target=f"{module}.{name}", required=expected, actual=actual)


def overridden_templates(portal: Portal) -> Iterator[Result]:
    """Find templates of other plugins that hide templates of the suite."""
    paths = [Path(path).resolve() for path in tk.config.get(PATHS) or []]
    package = Path(__file__).parents[2].resolve()
    other_folders: list[Path] = []
    for folder in paths:
        if not folder.is_relative_to(package):
            other_folders.append(folder)
            continue
        for template in sorted(folder.rglob("*.html")):
            name = template.relative_to(folder)
            for hidden_by in other_folders:
                if _hides(hidden_by / name):
                    yield report("template-hidden", template=name, file=hidden_by / name)


def _hides(path: Path) -> bool:
    """Return whether a template replaces the one below it instead of extending it."""
    try:
        return not REPLACES.search(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return False


def overridden_actions(portal: Portal) -> Iterator[Result]:
    """Find actions of CKAN that the suite extends and another plugin replaces."""
    own_actions: set[str] = set()
    replaced_by: dict[str, str] = {}
    for plugin in p.PluginImplementations(p.IActions):
        if plugin.name in SUITE:
            own_actions |= plugin.get_actions().keys()
            continue
        for name, function in plugin.get_actions().items():
            if not getattr(function, "chained_action", False):
                replaced_by[name] = plugin.name
    for name in sorted(own_actions & replaced_by.keys()):
        yield report("action-replaced", action=name, plugin=replaced_by[name])


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
    Check(work_list, ("work-waiting",), Needs.STARTED),
    Check(rules, ("rules-invalid", "rules-unmet", "rules-unmet-so-far"), Needs.STARTED),
    Check(patches, ("patch-unfit",), Needs.STARTED),
    Check(overridden_templates, ("template-hidden",), Needs.STARTED),
    Check(overridden_actions, ("action-replaced",), Needs.STARTED),
)
