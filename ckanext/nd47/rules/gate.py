"""Refuses to publish datasets that do not meet the rules, with all reasons at once.

CKAN 2.12 has no action to publish a dataset: it is saved as active and public, by a form,
`package_create`, `package_update` or an action that calls them. So the check is part of the
validation. It examines the dataset as it would be stored: CKAN validates only changed resources,
the others are read from the data that were sent.

Drafts and private datasets are not checked. A dataset that is already public is checked only if it
was published under the rules, and only by the rules that it met before, so that a stricter rule
does not prevent later corrections.
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

from ckanext.nd47.lib import config, inputs
from ckanext.nd47.lib.fields import dataset_fields, values
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import dataset_reader, harvested
from ckanext.nd47.rules import file_facts, records
from ckanext.nd47.rules.model import RESOURCES, Level
from ckanext.nd47.rules.records import field_label, schema_field
from ckanext.nd47.rules.report import Finding, examine
from ckanext.nd47.rules.subject import day, name_of

DRAFT = "draft"
ON_CONTENT = "personal_data_decision"
"""The check that reads what is in the files."""
VALIDATOR = "nd47_publication"
AFTER = "__after"
REFUSED_KEY = "nd47_refused"
ERROR_KEY = "nd47_rules"
"""Key of the validation error; replaced by messages at the fields."""
CONTEXT_KEY = "nd47_publication"
PLUGIN_DATA = "nd47"
PUBLISHED = "published_under_rules"
"""Key in the plugin data of a dataset: the day on which it was published under the rules."""

__all__ = ["nd47_publication"]
"""The validator, by the name that schemas use."""


def create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create a dataset unless it may not be published.

    In CKAN only sysadmins can set the state here, all other datasets become active; anybody who
    may create a dataset may also create a draft, as the form does.
    """
    context_keys: dict[str, Any] = {}
    if data_dict.get("state") == DRAFT:
        context_keys["allow_state_change"] = True
    dataset_type = data_dict.get("type") or dataset_fields.DEFAULT_TYPE
    with _set(context, context_keys):
        return _refuse_unmet(next_action, context, data_dict, dataset_type, is_new=True)


def update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a dataset unless it may not be published, or remain published.

    The row of the dataset is locked first, so that concurrent updates are checked one after the
    other.
    """
    package = model.Package.get(data_dict.get("id") or data_dict.get("name"))
    if package is None:
        return next_action(context, data_dict)
    model.Session.refresh(package, with_for_update=True)
    return _refuse_unmet(next_action, context, data_dict, package.type, is_new=False)


def of_resource(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Save or delete a resource, and report a refusal completely.

    CKAN reports only the messages of the resource from an error and drops the others; if there are
    none, `resource_delete` fails with a KeyError.
    """
    data_dict = inputs.of_kinds(data_dict, id="text", package_id="text")
    refusals: list[PublicationRefusedError] = []
    with _set(context, {REFUSED_KEY: refusals}):
        try:
            return next_action(context, data_dict)
        except (tk.ValidationError, KeyError) as error:
            if not refusals:
                raise
            raise with_resource_messages(refusals[-1], error) from None


def of_many(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Make several datasets public, or none of them if one may not be published."""
    data_dict = inputs.of_kinds(data_dict, org_id="text", datasets="list")
    tk.check_access("bulk_update_public", context, data_dict)
    dataset_ids: list[str] = data_dict.get("datasets") or []
    refused: dict[str, Any] = {}
    if rules_in_force():
        for dataset in records.by_ids(dataset_ids):
            if dataset["owner_org"] != data_dict.get("org_id") or not dataset["private"]:
                continue
            if dataset["state"] != model.State.ACTIVE:
                continue
            try:
                findings = publication_findings(dataset)
            except FilesWaitError as error:
                refused[dataset["title"] or dataset["name"]] = [error.sentence]
                continue
            if findings:
                error = refusal(tk.ValidationError({}), dataset, findings)
                refused[dataset["title"] or dataset["name"]] = list(error.error_summary.values())
    if refused:
        raise PublicationRefusedError(
            cast("Any", refused), {title: " ".join(messages) for title, messages in refused.items()}
        )
    return next_action(context, data_dict)


def install() -> None:
    """Add the validator to every dataset schema that ckanext-scheming has loaded.

    A portal could write the same into its schema file. ckanext-scheming reloads the schemas when
    plugins change, so this runs at each change.
    """
    for dataset_type in records.governed_types():
        schema = records.schema_of(dataset_type)
        if schema is None:
            continue
        after = str(schema.get("after_validators") or "")
        if VALIDATOR not in after.split():
            schema["after_validators"] = f"{after} {VALIDATOR}".strip()


def _refuse_unmet(
    next_action: Action, context: Context, data_dict: DataDict, dataset_type: Any, *, is_new: bool
) -> Any:
    attempt = Saving(data_dict)
    context_keys: dict[str, Any] = {CONTEXT_KEY: attempt}
    if dataset_type == dataset_fields.DEFAULT_TYPE and records.schema_of(dataset_type) is None:
        context_keys["schema"] = _plain_schema(context, dataset_type, is_new=is_new)
    with _set(context, context_keys):
        try:
            return next_action(context, data_dict)
        except tk.ValidationError as error:
            if not attempt.refused:
                raise
            refused = refusal(error, attempt.record, attempt.refused)
            cast("dict[str, Any]", context).get(REFUSED_KEY, []).append(refused)
            raise refused from error


def _plain_schema(context: Context, dataset_type: str, *, is_new: bool) -> dict[str, Any]:
    """Return CKAN's own schema with the validator at its end."""
    schema: Mapping[str, Any] | None = context.get("schema")
    if schema is None:
        plugin = lib_plugins.lookup_package_plugin(dataset_type)
        schema = plugin.create_package_schema() if is_new else plugin.update_package_schema()
    return {**schema, AFTER: [*schema.get(AFTER, []), nd47_publication]}


@contextmanager
def _set(context: Context, context_keys: Mapping[str, Any]) -> Iterator[None]:
    """Set keys of a context and restore them afterwards; callers reuse the context."""
    context_dict = cast("dict[str, Any]", context)
    before = {key: context_dict[key] for key in context_keys if key in context_dict}
    context_dict.update(context_keys)
    try:
        yield
    finally:
        for key in context_keys:
            context_dict.pop(key, None)
        context_dict.update(before)


@dataclass
class Saving:
    """One save of a dataset.

    Attributes:
        submitted: the data sent, with all resources.
        refused: the rules that refuse it; empty if none does.
        record: the dataset that was examined.
        publishes: whether this save publishes the dataset under the rules.
    """

    submitted: Mapping[str, Any]
    refused: list[Finding] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)
    publishes: bool = False


def saving_of(context: Context) -> Saving | None:
    """Return the save that a context belongs to, None if there is none."""
    return cast("dict[str, Any]", context).get(CONTEXT_KEY)


def nd47_publication(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Refuse a dataset that may not be published."""
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
    if is_new:
        attempt.refused = publication_findings(attempt.record)
    else:
        findings = refusing_findings(attempt.record)
        attempt.refused = _binding(findings, cast("model.Package", package))
    if attempt.refused:
        # `refusal` replaces it by messages at the fields.
        errors[ERROR_KEY,] = [finding.rule.id for finding in attempt.refused]
    attempt.publishes = is_new and not attempt.refused


def publication_findings(record: dict[str, Any]) -> list[Finding]:
    """Return the rules that prevent the publication of a dataset that nobody sees yet.

    A file whose check has not ended is examined at once, where the portal refuses files with
    personal data about which nobody has decided.

    Raises:
        FilesWaitError: that takes longer than somebody waits for.
    """
    findings = examine(record)
    refusing = _refusing(record, findings)
    if refusing or not any(map(_depends_on_content, findings)):
        return refusing
    unknown = file_facts.examine_waiting(record)
    if unknown:
        # As CKAN does where a validation fails.
        model.Session.rollback()
        numbered = enumerate(record[RESOURCES], start=1)
        raise FilesWaitError(
            [name_of(resource, n) for n, resource in numbered if resource.get("id") in unknown]
        )
    return refusing_findings(record)


def refusing_findings(record: dict[str, Any]) -> list[Finding]:
    """Return the rules that prevent that a dataset is public.

    Rules about fields that the portal's own schema does not have are left out.
    """
    return _refusing(record, examine(record))


def _refusing(record: dict[str, Any], findings: list[Finding]) -> list[Finding]:
    return [
        finding
        for finding in findings
        if finding.refuses and records.has_field(record, finding.field)
    ]


def _depends_on_content(finding: Finding) -> bool:
    """Return whether the portal refuses a dataset for what is in its files."""
    return finding.level is Level.ERROR and finding.rule.check == ON_CONTENT


def rules_in_force(today: dt.date | None = None) -> bool:
    """Return whether the rules are in force on the portal."""
    start = day(config.rules_from())
    return start is None or start <= (today or _today())


def rules_bind_all(today: dt.date | None = None) -> bool:
    """Return whether the rules also apply to datasets published before they were in force."""
    start = day(config.rules_for_all_from())
    return start is not None and start <= (today or _today())


def note_publication(context: Context, dataset_id: str) -> None:
    """Record that a dataset was published under the rules, in the transaction that saves it.

    It is stored in CKAN's plugin data, which no page, export or API shows.
    """
    attempt = saving_of(context)
    if attempt is None or not attempt.publishes:
        return
    package = model.Package.get(dataset_id)
    if package is not None:
        plugin_data = package.plugin_data or {}
        own_data = {**plugin_data.get(PLUGIN_DATA, {}), PUBLISHED: _today().isoformat()}
        package.plugin_data = {**plugin_data, PLUGIN_DATA: own_data}


def was_published_under_rules(package: model.Package) -> bool:
    """Return whether a dataset was published since the rules came into force."""
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
    """Return the rules that refuse a change of a dataset that is already public."""
    if not findings or rules_bind_all():
        return findings
    if not was_published_under_rules(package):
        return []
    before = records.by_id(package.id)
    unmet = (
        {finding.rule.id for finding in examine(before) if finding.met is False}
        if before
        else set()
    )
    return [finding for finding in findings if finding.rule.id not in unmet]


def _today() -> dt.date:
    return dt.datetime.now(values.VIETNAM).date()


class PublicationRefusedError(tk.ValidationError):
    """A dataset may not be published as it is."""


class FilesWaitError(tk.ValidationError):
    """A dataset may not be published before the check of its files has ended."""

    def __init__(self, names: list[str]) -> None:
        """Make the error for files by their names."""
        self.sentence = tk._(
            "The check of these files has not ended: {files}. Publish the dataset again in a few "
            "minutes."
        ).format(files=", ".join(names))
        super().__init__({"message": [self.sentence]}, {tk._("Check of the file"): self.sentence})


def refusal(
    error: tk.ValidationError, dataset: dataset_reader.Dataset, findings: list[Finding]
) -> PublicationRefusedError:
    """Return a validation error with the messages of the rules at their fields.

    Args:
        error: CKAN's validation error; its other messages are kept.
        dataset: the dataset that was examined.
        findings: the rules that refuse it.
    """
    lang = http.language()
    other_errors = {key: value for key, value in error.error_dict.items() if key != ERROR_KEY}
    summary = dict(tk.ValidationError(dict(other_errors)).error_summary)
    errors: dict[str, Any] = dict(other_errors)
    for finding in findings:
        label, message = field_label(dataset, finding.field, lang), finding.advice(lang)
        summary[label] = f"{summary[label]} {message}" if label in summary else message
        _add_message(errors, dataset, finding.field, message)
    return PublicationRefusedError(errors, summary)


def with_resource_messages(
    refused: PublicationRefusedError, error: Exception
) -> PublicationRefusedError:
    """Return a refusal with CKAN's messages at the fields of the single resource.

    Args:
        refused: the refusal of the dataset.
        error: CKAN's error for the resource.
    """
    by_resource = refused.error_dict.get(RESOURCES)
    if not isinstance(error, tk.ValidationError) or not _are_groups(by_resource):
        return refused
    rest = {key: value for key, value in refused.error_dict.items() if key != RESOURCES}
    return PublicationRefusedError(
        {**rest, **error.error_dict}, {**error.error_summary, **refused.error_summary}
    )


def _are_groups(errors: Any) -> bool:
    return isinstance(errors, list) and any(isinstance(error, Mapping) for error in errors)


def _add_message(
    errors: dict[str, Any], dataset: dataset_reader.Dataset, field: str, message: str
) -> None:
    """Add a message where the form shows it: at the field, or at a subfield of the first group."""
    field_of_schema, _, subfield = field.partition(".")
    name = dataset_reader.field_name(dataset, field_of_schema)
    schema_subfields = schema_field(dataset, name).get(dataset_fields.SUBFIELDS) or []
    subfields = [subfield["field_name"] for subfield in schema_subfields]
    messages = errors.setdefault(name, [])
    if subfields:
        if not messages:
            messages.append({})
        if isinstance(messages[0], dict):
            place = subfield if subfield in subfields else subfields[0]
            messages[0].setdefault(place, []).append(message)
    # Messages about single resources are mappings by position; no text can be added to them.
    elif all(isinstance(message, str) for message in messages):
        messages.append(message)
