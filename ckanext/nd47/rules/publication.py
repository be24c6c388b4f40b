"""The gate of publication: what may not be published is refused, with every reason at once.

CKAN 2.12 has no action of its own to publish; it is a dataset saved as active and public, by a
form, `package_create`, `package_update` or what leads there. So the gate stands in the validation
of a dataset. It sees the record as it would be stored: CKAN validates only the resources that have
changed, hence the others are taken from what was sent.

Drafts and private datasets are free. A dataset that is published already is bound once it was
published under the rules, and then only by rules that it met before: nobody is kept from
correcting a word because the portal has since sharpened a rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.nd47.lib import config, values
from ckanext.nd47.rules import candidate, stored_records
from ckanext.nd47.rules.refusal import ERROR_KEY
from ckanext.nd47.rules.report import Finding, examine
from ckanext.nd47.rules.subject import day

CONTEXT_KEY = "nd47_publication"
PLUGIN_DATA = "nd47"
PUBLISHED = "published_under_rules"
"""Key in the plugin's own data of a dataset: the day on which it passed the gate."""


@dataclass
class Attempt:
    """One saving of a dataset.

    Attributes:
        submitted: what was sent, with all resources.
        refused: why it is refused; empty when it is not.
        record: the record that was looked at.
        publishes: whether the saving publishes the dataset under the rules.
    """

    submitted: Mapping[str, Any]
    refused: list[Finding] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)
    publishes: bool = False


def attempt_of(context: Context) -> Attempt | None:
    """Return the saving that a context belongs to, None outside of one."""
    return cast("dict[str, Any]", context).get(CONTEXT_KEY)


def nd47_publication(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Refuse a dataset that may not be published as it is."""
    attempt = attempt_of(context)
    if attempt is None:
        return
    package = cast("model.Package | None", context.get("package"))
    if not _becomes_public(data, package) or not in_force():
        return
    attempt.record = candidate.record(data, context, attempt.submitted)
    is_new = package is None or not _is_public(package.state, package.private)
    findings = refusing(attempt.record)
    attempt.refused = findings if is_new else _binding(findings, cast("model.Package", package))
    if attempt.refused:
        # The words are put together where the fields of the form are known.
        errors[ERROR_KEY,] = [one.rule.id for one in attempt.refused]
    attempt.publishes = is_new and not attempt.refused


def refusing(record: dict[str, Any]) -> list[Finding]:
    """Return the rules that refuse the publication of a record.

    A portal with a schema of its own may lack a field of ours: nobody is refused for a value that
    no form can take.
    """
    return [
        one for one in examine(record) if one.refuses and candidate.has_place(record, one.field)
    ]


def in_force(today: dt.date | None = None) -> bool:
    """Say whether the rules have taken force on the portal."""
    start = day(config.rules_from())
    return start is None or start <= (today or _today())


def bind_all(today: dt.date | None = None) -> bool:
    """Say whether the rules also bind what was published before they took force."""
    start = day(config.rules_for_all_from())
    return start is not None and start <= (today or _today())


def note(context: Context, dataset_id: str) -> None:
    """Note that a dataset was published under the rules, in the transaction that saves it.

    It goes to the data that CKAN keeps for plugins, which no page, export or API shows.
    """
    attempt = attempt_of(context)
    if attempt is None or not attempt.publishes:
        return
    package = model.Package.get(dataset_id)
    if package is not None:
        others = package.plugin_data or {}
        own = {**others.get(PLUGIN_DATA, {}), PUBLISHED: _today().isoformat()}
        package.plugin_data = {**others, PLUGIN_DATA: own}


def was_published_under_rules(package: model.Package) -> bool:
    """Say whether a dataset passed the gate since the rules took force."""
    passed = day(str((package.plugin_data or {}).get(PLUGIN_DATA, {}).get(PUBLISHED, "")))
    start = day(config.rules_from())
    return passed is not None and (start is None or start <= passed)


def _becomes_public(data: FlattenDataDict, package: model.Package | None) -> bool:
    state, private = data.get(("state",)), data.get(("private",))
    if state in (tk.missing, None, ""):
        state = package.state if package else model.State.ACTIVE
    if private in (tk.missing, None, ""):
        private = package.private if package else False
    return _is_public(state, private)


def _is_public(state: Any, private: Any) -> bool:
    return state == model.State.ACTIVE and not tk.asbool(private)


def _binding(findings: list[Finding], package: model.Package) -> list[Finding]:
    """Return the rules that refuse a change of a dataset that is published already."""
    if not findings or bind_all():
        return findings
    if not was_published_under_rules(package):
        return []
    before = stored_records.one(package.id)
    unmet = {one.rule.id for one in examine(before) if one.met is False} if before else set()
    return [one for one in findings if one.rule.id not in unmet]


def _today() -> dt.date:
    return dt.datetime.now(values.VIETNAM).date()
