"""What of a dataset everybody may see, and what of it may be stored outside its own row.

Two things are kept apart here. Computed fields name who is in office today, so they are stored
nowhere: not in the search index, whose stored copies anybody can ask for (`fl`), and not in the
activity stream. Of assessments of personal data and of security everybody sees when they were made
and by which unit; what was found may show where the data can be attacked, and is for those who may
edit the dataset.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ckan import authz, model
from ckan.types import Context

from ckanext.nd47.lib import config, dataset_fields
from ckanext.nd47.metadata import computed, reachable, scheming_compat

COMPUTED = (reachable.FIELD, computed.STATEMENT)
"""Fields that `package_show` adds."""

ASSESSMENTS = ("personal_data_assessment", "security_assessment")
PUBLIC_PARTS = ("assessed_by", "date")
"""Subfields of an assessment that everybody sees."""

WHOLE = ("data_dict", "validated_data_dict")
"""Fields of the search index that hold a dataset as JSON."""


def show(context: Context, dataset: dict[str, Any]) -> None:
    """Leave in a dataset that an action returns what the account may see of its assessments."""
    if not _assessed(dataset):
        return
    if config.public_assessments() or _may_edit(context, dataset):
        _restore(context, dataset)
    else:
        reduce(dataset)


def reduce(dataset: dict[str, Any]) -> None:
    """Leave in a dataset what everybody may see of its assessments.

    Nothing is shown of one that names neither day nor unit: an empty list would say that there was
    no assessment.
    """
    if config.public_assessments():
        return
    _reduce(dataset)
    names = _names(dataset)
    for name in names & dataset.keys():
        if _is_empty(dataset[name]):
            del dataset[name]
    if dataset.get("extras"):
        dataset["extras"] = [
            one
            for one in dataset["extras"]
            if one.get("key") not in names or not _is_empty(one["value"])
        ]


def _reduce(dataset: dict[str, Any]) -> None:
    names = _names(dataset)
    for name in names & dataset.keys():
        dataset[name] = _public(dataset[name])
    if dataset.get("extras"):
        dataset["extras"] = [
            {**one, "value": _public(one.get("value"))} if one.get("key") in names else one
            for one in dataset["extras"]
        ]


def _is_empty(value: Any) -> bool:
    return value in ([], "[]")


def storable(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dataset as it may be stored where others read it.

    An assessment of which nothing is public stays as an empty list: `show` has to know of it.
    """
    kept = {name: value for name, value in dataset.items() if name not in COMPUTED}
    if not config.public_assessments():
        _reduce(kept)
    return kept


def in_index(document: dict[str, Any]) -> None:
    """Keep out of a document of the search index what may not be stored there."""
    for name in COMPUTED:
        document.pop(name, None)
    for name in WHOLE:
        if document.get(name):
            document[name] = json.dumps(storable(json.loads(document[name])))
    if config.public_assessments():
        return
    starts = tuple(f"{start}{name}" for name in _names(document) for start in ("", "extras_"))
    for name in [one for one in document if one.partition("__")[0] in starts]:
        del document[name]


def completed(given: Mapping[str, Any], package: Any) -> dict[str, Any]:
    """Return the input of an update with what everybody sees of an assessment made whole again.

    A program that read a dataset from a search, or the public form of it, and sends it back must
    not delete what it was not shown. To delete it, send the subfield or the whole field empty.

    Args:
        given: the input.
        package: the dataset as it is stored; CKAN does not declare the column `extras`, hence Any.
    """
    whole = dict(given)
    for name in _names(given):
        stored = scheming_compat.as_groups((package.extras or {}).get(name))
        if not stored:
            continue
        sent, shown = whole.get(name), [part for part in map(_parts, stored) if part]
        if sent is None and not shown and not config.public_assessments():
            whole[name] = stored
        elif isinstance(sent, list) and sent:
            whole[name] = (
                stored
                if all(map(_is_public_part, sent)) and list(map(_filled, sent)) == shown
                else [_completed(group, stored) for group in sent]
            )
    return whole


def _completed(group: Any, stored: list[dict[str, Any]]) -> Any:
    if not _is_public_part(group):
        return group
    shown = _filled(group)
    return next((one for one in stored if _filled(_parts(one)) == shown), group)


def _is_public_part(group: Any) -> bool:
    return isinstance(group, Mapping) and set(group) <= set(PUBLIC_PARTS)


def _restore(context: Context, dataset: dict[str, Any]) -> None:
    """Put assessments back as they are stored: CKAN shows a dataset from the search index."""
    package: Any = context.get("package")
    if package is None or package.id != dataset.get("id"):
        package = model.Package.get(dataset.get("id"))
    stored = (package.extras or {}) if package else {}
    known = dataset_fields.of(dataset)
    for name in _names(dataset) & stored.keys():
        if name in dataset:
            shown = scheming_compat.as_shown(name, stored[name], known)
            dataset[name] = stored[name] if shown is None else shown
        for one in dataset.get("extras") or []:
            if one.get("key") == name:
                one["value"] = stored[name]


def _may_edit(context: Context, dataset: Mapping[str, Any]) -> bool:
    if context.get("ignore_auth"):
        return True
    user = context.get("user")
    if not user:
        return False
    own = Context(user=user, auth_user_obj=context.get("auth_user_obj"))
    return authz.is_authorized_boolean("package_update", own, {"id": dataset["id"]})


def _assessed(dataset: Mapping[str, Any]) -> bool:
    names = _names(dataset)
    keys = {one.get("key") for one in dataset.get("extras") or []}
    # Empty ones count: the search index has nothing of an assessment that names no unit and no day.
    return bool(names & (dataset.keys() | keys))


def _names(dataset: Mapping[str, Any]) -> set[str]:
    """Return the names that the assessments bear in the portal's schema."""
    known = dataset_fields.of(dataset)
    return {known.name(one) for one in ASSESSMENTS}


def _public(value: Any) -> Any:
    """Return a value of an assessment with the public subfields alone, in the form it came in."""
    groups = scheming_compat.as_groups(value) or []
    shown = [part for part in map(_parts, groups) if part]
    return json.dumps(shown, ensure_ascii=False) if isinstance(value, str) else shown


def _parts(group: Mapping[str, Any]) -> dict[str, Any]:
    return {name: group[name] for name in PUBLIC_PARTS if group.get(name)}


def _filled(group: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if value}
