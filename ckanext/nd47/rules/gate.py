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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import ckan.lib.plugins as lib_plugins
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Action, Context, DataDict, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.nd47.lib import config, dataset_fields, http, inputs, values
from ckanext.nd47.metadata import dataset_reader, harvested
from ckanext.nd47.rules import records
from ckanext.nd47.rules.model import RESOURCES
from ckanext.nd47.rules.records import field_label, schema_field
from ckanext.nd47.rules.report import Finding, examine
from ckanext.nd47.rules.subject import day

DRAFT = "draft"
VALIDATOR = "nd47_publication"
AFTER = "__after"
REFUSED_KEY = "nd47_refused"
ERROR_KEY = "nd47_rules"
"""Key under which the gate stops a validation; the messages at the fields take its place."""
CONTEXT_KEY = "nd47_publication"
PLUGIN_DATA = "nd47"
PUBLISHED = "published_under_rules"
"""Key in the plugin's own data of a dataset: the day on which it passed the gate."""

__all__ = ["nd47_publication"]
"""The validator, by the name that schemas use."""


def create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create a dataset unless it may not be published as it is.

    CKAN lets only sysadmins give a state here and makes everything else active; who may create a
    dataset may as well begin with a draft, as the form does.
    """
    changed: dict[str, Any] = {}
    if data_dict.get("state") == DRAFT:
        changed["allow_state_change"] = True
    dataset_type = data_dict.get("type") or dataset_fields.DEFAULT_TYPE
    with _set(context, changed):
        return _guarded(next_action, context, data_dict, dataset_type, is_new=True)


def update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a dataset unless it may not be published, or stay published, as it would be.

    The row of the dataset is locked first: of two who save at once, the second is held against
    what the first has left.
    """
    package = model.Package.get(data_dict.get("id") or data_dict.get("name"))
    if package is None:
        return next_action(context, data_dict)
    model.Session.refresh(package, with_for_update=True)
    return _guarded(next_action, context, data_dict, package.type, is_new=False)


def of_resource(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Save or delete a resource, and let a refusal through whole.

    CKAN takes the messages of the resource out of an error and drops the rest; where it finds none,
    its deletion of a resource fails with a KeyError.
    """
    data_dict = inputs.of_kinds(data_dict, id="text", package_id="text")
    held: list[PublicationRefusedError] = []
    with _set(context, {REFUSED_KEY: held}):
        try:
            return next_action(context, data_dict)
        except (tk.ValidationError, KeyError) as error:
            if not held:
                raise
            raise with_resource_messages(held[-1], error) from None


def of_many(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Make many datasets public, or none where one of them may not be."""
    data_dict = inputs.of_kinds(data_dict, org_id="text", datasets="list")
    tk.check_access("bulk_update_public", context, data_dict)
    asked: list[str] = data_dict.get("datasets") or []
    refused: dict[str, Any] = {}
    if rules_in_force():
        for dataset in records.by_ids(asked):
            if dataset["owner_org"] != data_dict.get("org_id") or not dataset["private"]:
                continue
            findings = refusing_findings(dataset)
            if findings and dataset["state"] == model.State.ACTIVE:
                error = refusal(tk.ValidationError({}), dataset, findings)
                refused[dataset["title"] or dataset["name"]] = list(error.error_summary.values())
    if refused:
        raise PublicationRefusedError(
            cast("Any", refused), {title: " ".join(found) for title, found in refused.items()}
        )
    return next_action(context, data_dict)


def install() -> None:
    """Put the gate at the end of the validation of every dataset schema that scheming has loaded.

    It is what a portal could write into the file of its schema. A schema is read anew at each
    change of plugins, so this is run at each of them.
    """
    for dataset_type in records.governed_types():
        schema = records.schema_of(dataset_type)
        if schema is None:
            continue
        after = str(schema.get("after_validators") or "")
        if VALIDATOR not in after.split():
            schema["after_validators"] = f"{after} {VALIDATOR}".strip()


def _guarded(
    next_action: Action, context: Context, data_dict: DataDict, dataset_type: Any, *, is_new: bool
) -> Any:
    attempt = Saving(data_dict)
    changed: dict[str, Any] = {CONTEXT_KEY: attempt}
    if dataset_type == dataset_fields.DEFAULT_TYPE and records.schema_of(dataset_type) is None:
        changed["schema"] = _plain_schema(context, dataset_type, is_new=is_new)
    with _set(context, changed):
        try:
            return next_action(context, data_dict)
        except tk.ValidationError as error:
            if not attempt.refused:
                raise
            refused = refusal(error, attempt.record, attempt.refused)
            cast("dict[str, Any]", context).get(REFUSED_KEY, []).append(refused)
            raise refused from error


def _plain_schema(context: Context, dataset_type: str, *, is_new: bool) -> dict[str, Any]:
    """Return the schema of CKAN itself with the gate at its end."""
    schema: Mapping[str, Any] | None = context.get("schema")
    if schema is None:
        plugin = lib_plugins.lookup_package_plugin(dataset_type)
        schema = plugin.create_package_schema() if is_new else plugin.update_package_schema()
    return {**schema, AFTER: [*schema.get(AFTER, []), nd47_publication]}


@contextmanager
def _set(context: Context, changed: Mapping[str, Any]) -> Iterator[None]:
    """Set keys of a context for a while; callers use it again afterwards."""
    held = cast("dict[str, Any]", context)
    before = {key: held[key] for key in changed if key in held}
    held.update(changed)
    try:
        yield
    finally:
        for key in changed:
            held.pop(key, None)
        held.update(before)


@dataclass
class Saving:
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


def saving_of(context: Context) -> Saving | None:
    """Return the saving that a context belongs to, None outside of one."""
    return cast("dict[str, Any]", context).get(CONTEXT_KEY)


def nd47_publication(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Refuse a dataset that may not be published as it is."""
    attempt = saving_of(context)
    if attempt is None:
        return
    package = cast("model.Package | None", context.get("package"))
    if not _becomes_public(data, package) or not rules_in_force():
        return
    if harvested.is_free(context, package.id if package else data.get(("id",))):
        return
    attempt.record = records.as_validated(data, context, attempt.submitted)
    is_new = package is None or not _is_public(package.state, package.private)
    findings = refusing_findings(attempt.record)
    attempt.refused = findings if is_new else _binding(findings, cast("model.Package", package))
    if attempt.refused:
        # The words are put together where the fields of the form are known.
        errors[ERROR_KEY,] = [one.rule.id for one in attempt.refused]
    attempt.publishes = is_new and not attempt.refused


def refusing_findings(record: dict[str, Any]) -> list[Finding]:
    """Return the rules that refuse the publication of a record.

    A portal with a schema of its own may lack a field of ours: nobody is refused for a value that
    no form can take.
    """
    return [one for one in examine(record) if one.refuses and records.has_field(record, one.field)]


def rules_in_force(today: dt.date | None = None) -> bool:
    """Say whether the rules have taken force on the portal."""
    start = day(config.rules_from())
    return start is None or start <= (today or _today())


def rules_bind_all(today: dt.date | None = None) -> bool:
    """Say whether the rules also bind what was published before they took force."""
    start = day(config.rules_for_all_from())
    return start is not None and start <= (today or _today())


def note_publication(context: Context, dataset_id: str) -> None:
    """Note that a dataset was published under the rules, in the transaction that saves it.

    It goes to the data that CKAN keeps for plugins, which no page, export or API shows.
    """
    attempt = saving_of(context)
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
    if not findings or rules_bind_all():
        return findings
    if not was_published_under_rules(package):
        return []
    before = records.by_id(package.id)
    unmet = {one.rule.id for one in examine(before) if one.met is False} if before else set()
    return [one for one in findings if one.rule.id not in unmet]


def _today() -> dt.date:
    return dt.datetime.now(values.VIETNAM).date()


class PublicationRefusedError(tk.ValidationError):
    """A dataset may not be published as it is."""


def refusal(
    error: tk.ValidationError, dataset: dataset_reader.Dataset, findings: list[Finding]
) -> PublicationRefusedError:
    """Return the error of CKAN's validation with the words of the rules in their places.

    Args:
        error: what the validation found; its other messages are kept.
        dataset: the record that was looked at.
        findings: the rules that refuse it.
    """
    lang = http.language()
    others = {key: value for key, value in error.error_dict.items() if key != ERROR_KEY}
    summary = dict(tk.ValidationError(dict(others)).error_summary)
    errors: dict[str, Any] = dict(others)
    for finding in findings:
        label, words = field_label(dataset, finding.field, lang), finding.advice(lang)
        summary[label] = f"{summary[label]} {words}" if label in summary else words
        _beside(errors, dataset, finding.field, words)
    return PublicationRefusedError(errors, summary)


def with_resource_messages(
    refused: PublicationRefusedError, error: Exception
) -> PublicationRefusedError:
    """Return a refusal with the messages that CKAN found at the fields of the one resource.

    Args:
        refused: the refusal of the dataset.
        error: what CKAN made of it for the resource.
    """
    by_resource = refused.error_dict.get(RESOURCES)
    if not isinstance(error, tk.ValidationError) or not _are_groups(by_resource):
        return refused
    rest = {key: value for key, value in refused.error_dict.items() if key != RESOURCES}
    return PublicationRefusedError(
        {**rest, **error.error_dict}, {**error.error_summary, **refused.error_summary}
    )


def _are_groups(found: Any) -> bool:
    return isinstance(found, list) and any(isinstance(one, Mapping) for one in found)


def _beside(
    errors: dict[str, Any], dataset: dataset_reader.Dataset, field: str, words: str
) -> None:
    """Put a message where the form shows it: at the field, or at a subfield of the first group."""
    ours, _, subfield = field.partition(".")
    name = dataset_reader.field_name(dataset, ours)
    known = schema_field(dataset, name).get(dataset_fields.SUBFIELDS) or []
    subfields = [one["field_name"] for one in known]
    there = errors.setdefault(name, [])
    if subfields:
        if not there:
            there.append({})
        if isinstance(there[0], dict):
            place = subfield if subfield in subfields else subfields[0]
            there[0].setdefault(place, []).append(words)
    # Messages about single resources are groups by position, which take no other.
    elif all(isinstance(one, str) for one in there):
        there.append(words)
