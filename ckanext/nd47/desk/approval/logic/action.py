"""Actions of the approval, and CKAN's own that it guards."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Action, Context, DataDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.approval import files, history, service, shown, waiting
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.axes import Event
from ckanext.nd47.desk.approval.cases import Said
from ckanext.nd47.desk.approval.logic import schema
from ckanext.nd47.desk.approval.safeguards import guard
from ckanext.nd47.desk.approval.steps import chain
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_approval_decide",
    "nd47_approval_discard",
    "nd47_approval_history",
    "nd47_approval_list",
    "nd47_approval_send",
    "nd47_approval_setting_list",
    "nd47_approval_setting_update",
    "nd47_approval_show",
    "nd47_publication_publish",
    "nd47_publication_resume",
    "nd47_publication_schedule",
    "nd47_publication_suspend",
    "nd47_publication_withdraw",
    "package_create",
    "package_update",
]


@tk.chained_action
def package_create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create a dataset, unless it would be public without approval."""
    inputs.require_access("package_create", context, data_dict)
    return guard.create(next_action, context, data_dict)


@tk.chained_action
def package_update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a dataset, unless it would be public without approval."""
    inputs.require_access("package_update", context, data_dict)
    return guard.update(next_action, context, data_dict)


@tk.side_effect_free
def nd47_approval_show(context: Context, data_dict: DataDict) -> shown.ApprovalDict:
    """Return where the approval and the publication of a dataset stand.

    :param id: id or name of the dataset
    :type id: string

    :returns: `required`; `approval`, `publication` and `validity` as codes of the vocabularies
        `approval-status`, `publication-status` and `validity-status`; `steps` with who decides;
        `pending`, the changes of a published dataset that wait; `scheduled_at`; `version`, for
        `nd47_approval_decide`; and `may`, what the account may do now
    :rtype: dictionary
    """
    package = _begin("nd47_approval_show", context, data_dict)
    return shown.of_dataset(context, package)


@tk.side_effect_free
def nd47_approval_history(context: Context, data_dict: DataDict) -> history.HistoryPage:
    """Return what happened to a dataset on its way to publication, the newest first.

    :param id: id or name of the dataset
    :type id: string
    :param limit: events to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: events before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, each with `moment`, `user`, `event`, `step`, the codes of the
        three axes after it, `note`, number, date and file of the decision
    :rtype: dictionary
    """
    package = _begin("nd47_approval_history", context, data_dict)
    limit = inputs.number(data_dict, "limit", schema.PAGE, schema.LARGEST_PAGE)
    offset = inputs.number(data_dict, "offset", 0, inputs.LARGEST)
    return history.of_dataset(package.id, limit, offset)


@tk.side_effect_free
def nd47_approval_list(context: Context, data_dict: DataDict) -> waiting.WaitingList:
    """Return the datasets that wait for a decision of the account, what was sent to it first.

    :param limit: datasets to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: datasets before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, each with dataset, agency, `step`, `version`, `note`, sender,
        and the names of the fields in `changes` where the dataset is published
    :rtype: dictionary
    """
    tk.check_access("nd47_approval_list", context, data_dict)
    tables.require()
    limit = inputs.number(data_dict, "limit", schema.PAGE, schema.LARGEST_PAGE)
    offset = inputs.number(data_dict, "offset", 0, inputs.LARGEST)
    return waiting.for_account(_account(context), limit, offset)


def nd47_approval_send(context: Context, data_dict: DataDict) -> shown.ApprovalDict:
    """Send a dataset for approval, or the changes of a published one that wait for it.

    :param id: id or name of the dataset
    :type id: string
    :param note: what the approver should know (optional)
    :type note: string
    :param approver: name of an account that approves at the first step (optional, default: all who
        do)
    :type approver: string

    :returns: as `nd47_approval_show`
    :rtype: dictionary
    """
    package = _begin("nd47_approval_send", context, data_dict)
    note, approver = schema.text(data_dict, "note"), schema.line(data_dict, "approver")
    service.send(_account(context), package.id, note, approver)
    return shown.of_dataset(context, package)


def nd47_approval_decide(context: Context, data_dict: DataDict) -> dict[str, list[service.Result]]:
    """Approve datasets, ask for changes or refuse; each is decided for itself.

    An approval by the last step publishes the dataset, at once or at the moment that was chosen.

    :param ids: ids or names of at most 50 datasets
    :type ids: list of strings
    :param decision: `approve`, `ask-changes` or `refuse`
    :type decision: string
    :param reason: obligatory unless the decision is to approve
    :type reason: string
    :param decision_number: number of the decision (optional)
    :type decision_number: string
    :param decision_date: its date (optional)
    :type decision_date: string
    :param decision_upload: its file, as PDF, JPEG or PNG (optional)
    :type decision_upload: file
    :param versions: by id, the `version` that was looked at; what changed since is not decided
        (optional)
    :type versions: dictionary

    :returns: `results`, each with `id`, `name`, `title`, `done`, and `message` where it was not
        decided
    :rtype: dictionary
    """
    tk.check_access("nd47_approval_decide", context, data_dict)
    tables.require()
    decision = schema.decision(data_dict)
    is_approval = decision is Event.APPROVE
    reason = schema.text(data_dict, "reason", required=not is_approval)
    number, day = schema.line(data_dict, "decision_number"), schema.day(data_dict, "decision_date")
    versions = schema.versions(data_dict)
    dataset_ids = _ids_of(schema.ids(data_dict))
    user = _account(context)
    file_id = files.store(files.uploaded(data_dict))
    said = Said(user.id, reason, number, day, file_id)
    return {"results": service.decide(user, dataset_ids, decision, said, versions)}


def nd47_approval_discard(context: Context, data_dict: DataDict) -> shown.ApprovalDict:
    """Take back a request for approval, and discard the changes of a published dataset with it.

    A published dataset stays as it is; another becomes a draft again, with all that was entered.

    :param id: id or name of the dataset
    :type id: string
    :param note: why (optional)
    :type note: string
    :param version: the `version` that was looked at; what changed since is not discarded (optional)
    :type version: int

    :returns: as `nd47_approval_show`
    :rtype: dictionary
    """
    package = _begin("nd47_approval_discard", context, data_dict)
    note, version = schema.text(data_dict, "note"), schema.version(data_dict)
    service.discard(_account(context), package.id, note, version)
    return shown.of_dataset(context, package)


def nd47_publication_schedule(context: Context, data_dict: DataDict) -> shown.ApprovalDict:
    """Choose the moment at which a dataset is published, before or after its approval.

    :param id: id or name of the dataset
    :type id: string
    :param at: moment in Viet Nam, as `2026-12-31 08:30`, or with a time zone; empty for none
    :type at: string

    :returns: as `nd47_approval_show`
    :rtype: dictionary
    """
    package = _begin("nd47_publication_schedule", context, data_dict)
    service.schedule(_account(context), package.id, schema.moment(data_dict, "at"))
    return shown.of_dataset(context, package)


def nd47_publication_publish(context: Context, data_dict: DataDict) -> shown.ApprovalDict:
    """Publish an approved dataset before its moment.

    :param id: id or name of the dataset
    :type id: string

    :returns: as `nd47_approval_show`
    :rtype: dictionary
    """
    package = _begin("nd47_publication_publish", context, data_dict)
    service.publish_now(_account(context), package.id)
    return shown.of_dataset(context, package)


def nd47_publication_suspend(context: Context, data_dict: DataDict) -> shown.ApprovalDict:
    """Suspend the publication of a dataset: only its agency sees it until it is resumed.

    :param id: id or name of the dataset
    :type id: string
    :param reason: why
    :type reason: string

    :returns: as `nd47_approval_show`
    :rtype: dictionary
    """
    return _stop("nd47_publication_suspend", context, data_dict, Event.SUSPEND)


def nd47_publication_withdraw(context: Context, data_dict: DataDict) -> shown.ApprovalDict:
    """Withdraw a dataset from publication: its data are no longer in use.

    :param id: id or name of the dataset
    :type id: string
    :param reason: why
    :type reason: string

    :returns: as `nd47_approval_show`
    :rtype: dictionary
    """
    return _stop("nd47_publication_withdraw", context, data_dict, Event.WITHDRAW)


def nd47_publication_resume(context: Context, data_dict: DataDict) -> shown.ApprovalDict:
    """Publish a suspended dataset again.

    :param id: id or name of the dataset
    :type id: string
    :param reason: why (optional)
    :type reason: string

    :returns: as `nd47_approval_show`
    :rtype: dictionary
    """
    package = _begin("nd47_publication_resume", context, data_dict)
    service.resume(_account(context), package.id, schema.text(data_dict, "reason"))
    return shown.of_dataset(context, package)


@tk.side_effect_free
def nd47_approval_setting_list(
    context: Context, data_dict: DataDict
) -> dict[str, bool | list[str] | list[chain.SettingDict]]:
    """Return which agencies publish with approval.

    :returns: `required` and `chain` of the portal, and `agencies`, each with its own `required` and
        `chain`; an agency that is missing follows the one above it, or the portal
    :rtype: dictionary
    """
    tk.check_access("nd47_approval_setting_list", context, data_dict)
    return _settings()


def nd47_approval_setting_update(
    context: Context, data_dict: DataDict
) -> dict[str, bool | list[str] | list[chain.SettingDict]]:
    """Set whether an agency and those below it publish with approval.

    :param agency: id or name of the agency
    :type agency: string
    :param required: `true`, `false`, or empty to follow the agency above or the portal
    :type required: boolean
    :param chain: one to three of `agency`, `above`, `compiling` (optional, default: those of the
        portal)
    :type chain: list of strings

    :returns: as `nd47_approval_setting_list`
    :rtype: dictionary
    """
    tk.check_access("nd47_approval_setting_update", context, data_dict)
    tables.require()
    reference = inputs.of_kinds(data_dict, agency="text").get("agency", "")
    agency = directory.get(reference)
    if agency is None:
        raise tk.ValidationError({"agency": [tk._("There is no such agency.")]})
    chain.set_rule(agency.id, schema.required(data_dict), schema.steps(data_dict))
    if not context.get("defer_commit"):
        model.Session.commit()
    return _settings()


def _settings() -> dict[str, bool | list[str] | list[chain.SettingDict]]:
    tables.require()
    portal = chain.rule_for(None)
    return {
        "required": portal.required,
        "chain": list(portal.steps),
        "agencies": chain.settings(),
    }


def _stop(action: str, context: Context, data_dict: DataDict, event: Event) -> shown.ApprovalDict:
    package = _begin(action, context, data_dict)
    reason = schema.text(data_dict, "reason", required=True)
    service.stop(_account(context), package.id, event, reason)
    return shown.of_dataset(context, package)


def _begin(action: str, context: Context, data_dict: DataDict) -> model.Package:
    """Return the dataset of an action that the account may call for it."""
    package = _dataset(tk.get_or_bust(data_dict, "id"))
    tk.check_access(action, context, data_dict)
    tables.require()
    return package


def _dataset(reference: Any) -> model.Package:
    package = model.Package.get(reference) if isinstance(reference, str) else None
    if package is None:
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    return package


def _ids_of(references: list[str]) -> list[str]:
    """Return the ids of datasets by id or name, in the order of the references."""
    package = model.Package
    query = sa.select(package.id, package.name).where(
        sa.or_(package.id.in_(references), package.name.in_(references))
    )
    found: dict[str, str] = {}
    for row in model.Session.execute(query):
        found[row.id] = found[row.name] = row.id
    if any(reference not in found for reference in references):
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    return list(dict.fromkeys(found[reference] for reference in references))


def _account(context: Context) -> model.User:
    user = model.User.get(context.get("user") or "")
    if user is None:
        raise tk.NotAuthorized(tk._("Log in first."))
    return user
