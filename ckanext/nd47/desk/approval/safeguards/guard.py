"""Nothing becomes public by another way than approval while approval is on.

Two lines. The actions of CKAN that save a dataset are refused before anything is stored, in one
sentence; a change of a published dataset that needs approval is kept and waits, and the rest of the
save goes on. Behind them the session looks at every dataset just before the commit, whichever code
changed it, and refuses the commit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import ckan.lib.plugins as lib_plugins
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Action, Context, DataDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.approval import cases
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.axes import Approval, Event
from ckanext.nd47.desk.approval.cases import Said, is_public
from ckanext.nd47.desk.approval.safeguards import permit
from ckanext.nd47.desk.approval.steps import chain
from ckanext.nd47.lib import config, inputs
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import harvested
from ckanext.nd47.rules import records

WAITING_KEY = "nd47_waiting_for_approval"
"""Key in the answer of a save: names of the fields whose new values wait for approval."""

OWNER = "owner_org"


class ApprovalRequiredError(tk.ValidationError):
    """A dataset may not become public before it is approved."""

    def __init__(self, agency_id: str | None) -> None:
        """Make the error for a dataset of an agency."""
        sentence = refusal(agency_id)
        super().__init__({"message": [sentence]}, {tk._("Approval"): sentence})


def refusal(agency_id: str | None) -> str:
    """Return why a dataset of an agency was not made public, and what to do."""
    agency = directory.cached().get_any(agency_id) if agency_id else None
    if agency is None:
        return tk._(
            "Datasets are published here after approval only: save it as a draft and send it for "
            "approval."
        )
    return tk._(
        "“{agency}” publishes after approval only: save the dataset as a draft and send it for "
        "approval."
    ).format(agency=directory.display_title(agency))


def is_governed(dataset_type: str | None) -> bool:
    """Return whether the approval is about datasets of a type."""
    return (dataset_type or dataset_fields.DEFAULT_TYPE) in records.governed_types()


def create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create a dataset unless it would be public without approval."""
    becomes_public = is_public(
        data_dict.get("state") or model.State.ACTIVE, _flag(data_dict.get("private"))
    )
    if becomes_public and tables.ready() and is_governed(_text(data_dict.get("type"))):
        owner = _agency_id(data_dict.get(OWNER))
        if chain.rule_for(owner).required and not _is_harvest(data_dict.get("id")):
            raise ApprovalRequiredError(owner)
    return next_action(context, data_dict)


def update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a dataset; what needs approval is refused, or waits where the dataset is public."""
    reference = data_dict.get("id") or data_dict.get("name")
    is_text = isinstance(reference, str) and inputs.storable(reference)
    package = model.Package.get(reference) if is_text else None
    if package is None or not _is_bound(package, data_dict):
        return next_action(context, data_dict)
    state = data_dict.get("state") or package.state
    private = data_dict["private"] if data_dict.get("private") is not None else package.private
    if not is_public(state, _flag(private)):
        return next_action(context, data_dict)
    if not is_public(package.state, package.private):
        raise ApprovalRequiredError(_agency_id(data_dict.get(OWNER)) or package.owner_org)
    shown = tk.get_action("package_show")(
        Context(ignore_auth=True, user=context.get("user", "")), {"id": package.id}
    )
    changes = changed_fields(shown, data_dict)
    if not changes:
        return next_action(context, data_dict)
    return _propose(next_action, context, data_dict, package, shown, changes)


def changed_fields(shown: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new values of the fields that need approval.

    Args:
        shown: the dataset as it is public now.
        sent: the input of `package_update`, which empties what is not sent.
    """
    changes: dict[str, Any] = {}
    for name in config.approval_fields():
        new, old = sent.get(name), shown.get(name)
        if name == OWNER:
            new = _agency_id(new) or old
        if _comparable(new) != _comparable(old):
            changes[name] = new if new is not None else ""
    return changes


def requires(package: model.Package, owner: str | None = None) -> bool:
    """Return whether the agency of a dataset, or the one that it goes to, needs approval."""
    owners = {package.owner_org, owner or package.owner_org}
    return any(chain.rule_for(agency_id).required for agency_id in owners)


def _is_bound(package: model.Package, data_dict: DataDict) -> bool:
    if permit.is_permitted(package.id) or not tables.ready() or not is_governed(package.type):
        return False
    return requires(package, _agency_id(data_dict.get(OWNER))) and not _is_harvest(package.id)


def _is_harvest(dataset_id: Any) -> bool:
    if config.approval_of_harvests() or not isinstance(dataset_id, str):
        return False
    return bool(harvested.linked([dataset_id]))


def _propose(  # noqa: PLR0913, PLR0917 - the save, and what it changes
    next_action: Action,
    context: Context,
    data_dict: DataDict,
    package: model.Package,
    shown: Mapping[str, Any],
    changes: dict[str, Any],
) -> Any:
    """Keep changes until they are approved, and save the rest."""
    _check(context, package, shown, changes)
    user = model.User.get(context.get("user") or "")
    _, case = cases.lock(package.id)
    case.pending = {**case.pending, **changes}
    case.changed_by = user.id if user else ""
    if case.chain and case.approval == Approval.WAITING.value:
        case.step, case.step_kind = 0, case.chain[0]
    cases.record(package, case, Event.CHANGE, Said(user_id=case.changed_by, changes=changes))
    rest = {**data_dict, **{name: shown.get(name) for name in changes}}
    saved = next_action(context, rest)
    if not context.get("defer_commit"):
        # CKAN commits nothing where the rest of the dataset is unchanged.
        model.Session.commit()
    if http.is_page():
        tk.h.flash_notice(
            tk._(
                "The dataset stays published as it was until these changes are approved: {fields}."
            ).format(fields=", ".join(field_labels(shown, changes)))
        )
    if isinstance(saved, dict):
        return {**cast("dict[str, Any]", saved), WAITING_KEY: sorted(changes)}
    return saved


def field_labels(dataset: Mapping[str, Any], names: Mapping[str, Any]) -> list[str]:
    """Return the labels of fields in the language of the reader."""
    lang = http.language()
    return [field_label(dataset, name, lang) for name in names]


def field_label(dataset: Mapping[str, Any], name: str, lang: str) -> str:
    """Return the label of a field that needs approval."""
    if name == config.PERSONAL_DATA:
        return tk._("Personal data found in the files")
    return records.field_label(dict(dataset), name, lang)


def _check(
    context: Context, package: model.Package, shown: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    """Refuse values that a save would refuse, rather than after the approval."""
    plugin: Any = lib_plugins.lookup_package_plugin(package.type)
    own_context: Any = {
        "model": model,
        "session": model.Session,
        "user": context.get("user", ""),
        "auth_user_obj": context.get("auth_user_obj"),
        "package": package,
    }
    schema = plugin.update_package_schema()
    data = {**shown, **changes}
    validated: Any = lib_plugins.plugin_validate(
        plugin, own_context, data, schema, "package_update"
    )
    errors = {name: validated[1][name] for name in changes if name in validated[1]}
    if errors:
        raise tk.ValidationError(errors)


def _agency_id(reference: Any) -> str | None:
    if not isinstance(reference, str) or not reference:
        return None
    agency = directory.cached().get_any(reference)
    return agency.id if agency else None


def _comparable(value: Any) -> str:
    if value is None or isinstance(value, str):
        return (value or "").strip()
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _flag(value: Any) -> bool:
    try:
        return tk.asbool(value or False)
    except (ValueError, TypeError):
        # CKAN's own validation says what is wrong with it.
        return False


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
