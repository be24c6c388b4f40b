"""What the actions that save datasets do around CKAN's own: they open and close the gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import ckan.lib.plugins as lib_plugins
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Action, Context, DataDict

from ckanext.nd47.lib import dataset_fields, parameters
from ckanext.nd47.rules import publication, stored_records
from ckanext.nd47.rules.refusal import PublicationRefusedError, refusal, with_resource_messages

DRAFT = "draft"
VALIDATOR = "nd47_publication"
AFTER = "__after"
REFUSED_KEY = "nd47_refused"


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
    data_dict = parameters.plain(data_dict, id="text", package_id="text")
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
    data_dict = parameters.plain(data_dict, org_id="text", datasets="list")
    tk.check_access("bulk_update_public", context, data_dict)
    asked: list[str] = data_dict.get("datasets") or []
    refused: dict[str, Any] = {}
    if publication.in_force():
        for dataset in stored_records.some(asked):
            if dataset["owner_org"] != data_dict.get("org_id") or not dataset["private"]:
                continue
            findings = publication.refusing(dataset)
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
    for dataset_type in stored_records.governed_types():
        schema = stored_records.schema_of(dataset_type)
        if schema is None:
            continue
        after = str(schema.get("after_validators") or "")
        if VALIDATOR not in after.split():
            schema["after_validators"] = f"{after} {VALIDATOR}".strip()


def _guarded(
    next_action: Action, context: Context, data_dict: DataDict, dataset_type: Any, *, is_new: bool
) -> Any:
    attempt = publication.Attempt(data_dict)
    changed: dict[str, Any] = {publication.CONTEXT_KEY: attempt}
    if (
        dataset_type == dataset_fields.DEFAULT_TYPE
        and stored_records.schema_of(dataset_type) is None
    ):
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
    return {**schema, AFTER: [*schema.get(AFTER, []), publication.nd47_publication]}


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
