"""Computed fields and assessments: what CKAN shows, indexes and stores of a dataset.

Computed fields are the attribution statement, the current contacts, the licence, and the current
update state. CKAN drops them when a dataset is saved, so a dataset that was read can be sent back.
They are not stored: neither in the search index, whose stored fields everybody can request (`fl`),
nor in the activity stream, since they name the current focal points.

Everybody sees the date and the unit of assessments of personal data and of security. The findings
may reveal how the data can be attacked, so only users who may edit the dataset see them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from ckan import authz, model
from ckan.types import Context

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import citation, dataset_reader, licence, terms_of_use, update_state
from ckanext.nd47.metadata.compat import scheming

STATEMENT = "attribution_statement"
CONTACTS = "contact_points"
UPDATE_STATE = "update_state"
NEXT_DUE = "next_due"
COMPUTED = (CONTACTS, STATEMENT, UPDATE_STATE, NEXT_DUE)
"""Fields that `package_show` adds."""

ASSESSMENTS = ("personal_data_assessment", "security_assessment")
PUBLIC_SUBFIELDS = ("assessed_by", "date")
"""Public subfields of an assessment."""

EMPTY_LISTS: tuple[Any, ...] = ([], "[]")

JSON_COPIES = ("data_dict", "validated_data_dict")
"""Fields of the search index that contain the dataset as JSON."""


def after_show(context: Context, dataset: dict[str, Any]) -> None:
    """Add the computed fields, and the assessments as far as the user may see them."""
    _add_statement(dataset, {}, {})
    _add_contacts(dataset)
    _add_update_state(dataset, dates.today())
    if not _has_assessment(dataset):
        return
    if config.public_assessments() or _may_edit(context, dataset):
        _restore_assessments(context, dataset)
    else:
        hide_assessments(dataset)


def after_search(datasets: list[dict[str, Any]]) -> None:
    """Update the computed fields of search results, and hide findings of assessments.

    A search for single fields (`fl`) returns datasets without resources or owner; nothing is added
    to those.
    """
    complete = [dataset for dataset in datasets if "owner_org" in dataset and "id" in dataset]
    # Without these, files are looked at a hundred times for one page of results.
    with vocabulary.preloaded(), terms_of_use.preloaded(), dataset_fields.preloaded():
        dataset_reader.prime(complete)
        today = dates.today()
        for dataset in complete:
            _add_contacts(dataset)
            _add_update_state(dataset, today)
        agencies: citation.Agencies = {}
        licences: dict[str, dict[str, Any]] = {}
        for dataset in datasets:
            if "resources" in dataset:
                _add_statement(dataset, agencies, licences)
            hide_assessments(dataset)


def before_index(document: dict[str, Any]) -> None:
    """Remove from a document of the search index what must not be stored there."""
    for name in COMPUTED:
        document.pop(name, None)
    for name in JSON_COPIES:
        if document.get(name):
            document[name] = json.dumps(storable(json.loads(document[name])))
    if config.public_assessments():
        return
    hidden = {
        f"{prefix}{name}" for name in _assessment_names(document) for prefix in ("", "extras_")
    }
    for name in [name for name in document if name.partition("__")[0] in hidden]:
        del document[name]


def storable(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a dataset that may be stored where the public can read it.

    An assessment without public subfields remains as an empty list, which `after_show` needs.
    """
    copied = without_computed(dataset)
    if not config.public_assessments():
        _reduce_assessments(copied, _assessment_names(copied))
    return copied


def without_computed(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a dataset without the fields that are stored nowhere."""
    return {name: value for name, value in dataset.items() if name not in COMPUTED}


def hide_assessments(dataset: dict[str, Any]) -> None:
    """Reduce the assessments of a dataset to what is public.

    An assessment with neither date nor unit is removed: an empty list would mean that there was
    none.
    """
    if config.public_assessments():
        return
    names = _assessment_names(dataset)
    _reduce_assessments(dataset, names)
    for name in names & dataset.keys():
        if dataset[name] in EMPTY_LISTS:
            del dataset[name]
    if dataset.get("extras"):
        dataset["extras"] = [
            extra
            for extra in dataset["extras"]
            if extra.get("key") not in names or extra["value"] not in EMPTY_LISTS
        ]


def with_hidden_findings(data: Mapping[str, Any], package: Any) -> dict[str, Any]:
    """Return the input of an update with the findings that are hidden from its sender.

    A client that sends back a dataset from a search, or its public form, must not delete hidden
    values. To delete them, the subfield or the field is sent empty.

    Args:
        data: the input.
        package: the stored dataset; CKAN does not declare the column `extras`, hence Any.
    """
    completed = dict(data)
    for name in _assessment_names(data):
        stored = scheming.as_groups((package.extras or {}).get(name))
        if not stored:
            continue
        sent = completed.get(name)
        public_parts = [part for part in map(_public_subfields, stored) if part]
        if sent is None and not public_parts and not config.public_assessments():
            completed[name] = stored
        elif isinstance(sent, list) and sent:
            is_as_shown = (
                all(map(_is_public_part, sent)) and list(map(_filled, sent)) == public_parts
            )
            completed[name] = (
                stored if is_as_shown else [_with_findings(group, stored) for group in sent]
            )
    return completed


def _reduce_assessments(dataset: dict[str, Any], names: set[str]) -> None:
    for name in names & dataset.keys():
        dataset[name] = _public_value(dataset[name])
    if dataset.get("extras"):
        dataset["extras"] = [
            {**extra, "value": _public_value(extra.get("value"))}
            if extra.get("key") in names
            else extra
            for extra in dataset["extras"]
        ]


def _add_statement(
    dataset: dict[str, Any], agencies: citation.Agencies, licences: dict[str, dict[str, Any]]
) -> None:
    """Add the attribution statement, and update the licence, which is indexed in one language."""
    licence.refresh(dataset, licences)
    dataset[STATEMENT] = citation.default_statement(dataset, agencies)


def _add_contacts(dataset: dict[str, Any]) -> None:
    """Add the contacts, and update the provider's name: CKAN has that of the last save."""
    dataset[CONTACTS] = dataset_reader.contacts(dataset)
    organization = dataset.get("organization")
    provider = directory.name_and_title(dataset.get("owner_org"))
    if isinstance(organization, dict) and provider:
        organization["name"], organization["title"] = provider


def _add_update_state(dataset: dict[str, Any], today: dt.date) -> None:
    """Add the state of today, and the day by which the data are to be updated."""
    dataset[UPDATE_STATE], due = update_state.state_and_due(dataset, today)
    dataset[NEXT_DUE] = dates.iso(due) or None


def _with_findings(group: Any, stored: list[dict[str, Any]]) -> Any:
    if not _is_public_part(group):
        return group
    public_part = _filled(group)
    return next(
        (stored_group for stored_group in stored if _public_subfields(stored_group) == public_part),
        group,
    )


def _is_public_part(group: Any) -> bool:
    return isinstance(group, Mapping) and set(group) <= set(PUBLIC_SUBFIELDS)


def _filled(group: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if value}


def _restore_assessments(context: Context, dataset: dict[str, Any]) -> None:
    """Show stored assessments: CKAN reads a dataset from the search index, which lacks them."""
    package: Any = context.get("package")
    if package is None or package.id != dataset.get("id"):
        package = model.Package.get(dataset.get("id"))
    stored = (package.extras or {}) if package else {}
    fields = dataset_fields.of(dataset)
    for name in _assessment_names(dataset) & stored.keys():
        if name in dataset:
            value = scheming.as_shown(name, stored[name], fields)
            dataset[name] = stored[name] if value is None else value
        for extra in dataset.get("extras") or []:
            if extra.get("key") == name:
                extra["value"] = stored[name]


def _may_edit(context: Context, dataset: Mapping[str, Any]) -> bool:
    if context.get("ignore_auth"):
        return True
    user = context.get("user")
    if not user:
        return False
    user_context = Context(user=user, auth_user_obj=context.get("auth_user_obj"))
    return authz.is_authorized_boolean("package_update", user_context, {"id": dataset["id"]})


def _has_assessment(dataset: Mapping[str, Any]) -> bool:
    keys = {extra.get("key") for extra in dataset.get("extras") or []}
    # Empty ones count: in the search index an assessment without unit and date is empty.
    return bool(_assessment_names(dataset) & (dataset.keys() | keys))


def _assessment_names(dataset: Mapping[str, Any]) -> set[str]:
    """Return the names of the assessments in the portal's schema."""
    fields = dataset_fields.of(dataset)
    return {fields.name(name) for name in ASSESSMENTS}


def _public_value(value: Any) -> Any:
    """Return a value of an assessment with only public subfields, in the same form."""
    groups = scheming.as_groups(value) or []
    public_groups = [public for public in map(_public_subfields, groups) if public]
    return (
        json.dumps(public_groups, ensure_ascii=False) if isinstance(value, str) else public_groups
    )


def _public_subfields(group: Mapping[str, Any]) -> dict[str, Any]:
    return {name: group[name] for name in PUBLIC_SUBFIELDS if group.get(name)}
