"""Actions on the items of catalogues, and on what agencies propose."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.items import listing, progress, proposals, service
from ckanext.nd47.catalogue.logic import rights, schema
from ckanext.nd47.catalogue.records import fields, stored
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.catalogue.records.model import (
    ADD,
    CHANGE,
    PROPOSAL_KINDS,
    PROPOSAL_STATES,
    REMOVE,
    Item,
)
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_catalogue_item_create",
    "nd47_catalogue_item_delete",
    "nd47_catalogue_item_list",
    "nd47_catalogue_item_propose",
    "nd47_catalogue_item_show",
    "nd47_catalogue_item_status",
    "nd47_catalogue_item_update",
    "nd47_catalogue_proposal_decide",
    "nd47_catalogue_proposal_list",
]


class Deleted(TypedDict):
    """What was deleted."""

    id: str


class Decided(TypedDict):
    """What became of a proposal; `message` says why nothing did."""

    id: str
    done: bool
    message: str


@tk.side_effect_free
def nd47_catalogue_item_list(context: Context, data_dict: DataDict) -> listing.ItemPage:
    """Return items of one edition, or of all that are in force.

    :param catalogue: id or name of the edition (optional, default: all in force)
    :type catalogue: string
    :param q: words of code, name, description, agency, source or note (optional)
    :type q: string
    :param provider: id or name of the providing agency (optional)
    :type provider: string
    :param field: code of the vocabulary of fields (optional)
    :type field: string
    :param sharing_class: code of the vocabulary `sharing-class` (optional)
    :type sharing_class: string
    :param group_title: heading of a group in the annex (optional)
    :type group_title: string
    :param status: `planned`, `late`, `registered`, `downloadable`, `suspended` or `stopped`
        (optional)
    :type status: string
    :param limit: items to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: items before the page (optional, default: 0)
    :type offset: int

    :returns: `count`; `counts` by status; `results` in the order of the catalogue, each with the
        fields of the item, `words` (the fields as people read them), `status`, `is_late`,
        `first_provided`, and the numbers of its `datasets`, those `published` and those
        `with_files`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_item_list", context, data_dict)
    tables.require()
    reference = data_dict.get("catalogue")
    if reference:
        conditions = [Item.catalogue_id == stored.catalogue(reference).id]
    else:
        conditions = [progress.in_force()]
    filters = schema.filters(data_dict, listing.FILTERS)
    if "status" in filters:
        filters["status"] = schema.choice(data_dict, "status", progress.STATUSES)
    if "provider" in filters:
        agency = directory.cached().get_any(filters["provider"])
        filters["provider"] = agency.id if agency else filters["provider"]
    limit, offset = schema.page(data_dict)
    officers = rights.of(context).reads_drafts
    return listing.page(conditions, filters, limit, offset, officers=officers)


@tk.side_effect_free
def nd47_catalogue_item_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return an item with its datasets.

    :param id: id of the item; with `catalogue` also its `line_id` or its code
    :type id: string
    :param catalogue: id or name of the edition (optional)
    :type catalogue: string

    :returns: as in `nd47_catalogue_item_list`, and `linked`, its datasets, each with `state`
        (`downloadable`, `registered`, and for officers `hidden` or `purged`)
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_item_show", context, data_dict)
    tables.require()
    return listing.one(_item(data_dict), officers=rights.of(context).reads_drafts)


def nd47_catalogue_item_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Add an item to the end of a draft.

    Beside the parameters below can be given `code`, `description`, `field`, `group_title`,
    `provider` and `responsible` (name of an agency as the document has it, or its code) or
    `provider_id` and `responsible_id`, `source_database`, `frequency`, `period`, `delay` (days),
    `formats`, `methods`, `sharing_class`, `licence`, `columns` (list of names, or of `name` with
    `aliases`), `planned`, `stage`, `minimum_level`, `basis`, `basis_instrument`, `focal_point`,
    `focal_email`, `focal_telephone`, `note`.

    :param catalogue: id or name of the draft
    :type catalogue: string
    :param name: name of the data
    :type name: string

    :returns: as `nd47_catalogue_item_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_item_create", context, data_dict)
    tables.require()
    draft = stored.catalogue(tk.get_or_bust(data_dict, "catalogue"))
    known = fields.of_items()
    values = fields.read(data_dict, known)
    fields.require(values, known)
    made = service.create(rights.of(context).user_id, draft.id, values)
    return listing.one(made, officers=True)


def nd47_catalogue_item_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change an item of a draft; fields that are not given stay.

    :param id: id of the item; with `catalogue` also its `line_id` or its code
    :type id: string
    :param catalogue: id or name of the draft (optional)
    :type catalogue: string
    :param version: the `version` that was looked at; what changed since is not overwritten
        (optional)
    :type version: int

    :returns: as `nd47_catalogue_item_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_item_update", context, data_dict)
    tables.require()
    item = _item(data_dict)
    values = fields.read(data_dict, fields.of_items())
    version = schema.version(data_dict)
    saved = service.update(rights.of(context).user_id, item.id, values, version)
    return listing.one(saved, officers=True)


def nd47_catalogue_item_delete(context: Context, data_dict: DataDict) -> Deleted:
    """Remove an item from a draft.

    :param id: id of the item; with `catalogue` also its `line_id` or its code
    :type id: string
    :param catalogue: id or name of the draft (optional)
    :type catalogue: string
    :param version: as for `nd47_catalogue_item_update` (optional)
    :type version: int

    :returns: `id`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_item_delete", context, data_dict)
    tables.require()
    item_id = _item(data_dict).id
    service.delete(rights.of(context).user_id, item_id, schema.version(data_dict))
    return {"id": item_id}


def nd47_catalogue_item_status(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Set what is true of an item whatever an edition says, also where it is issued.

    :param id: id of the item; with `catalogue` also its `line_id` or its code
    :type id: string
    :param catalogue: id or name of the edition (optional)
    :type catalogue: string
    :param status: `suspended`, `stopped`, or empty where the datasets say how far it is
    :type status: string
    :param first_provided: the actual first day, where the datasets do not say it (optional)
    :type first_provided: string
    :param reason: why it is late, suspended or stopped; obligatory for the latter two
    :type reason: string
    :param version: the `line_version` that was looked at (optional)
    :type version: int

    :returns: as `nd47_catalogue_item_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_item_status", context, data_dict)
    tables.require()
    item = _item(data_dict)
    status = schema.choice(data_dict, "status", ("", *progress.CHOSEN))
    values = {
        "status": status,
        "first_provided": schema.day(data_dict, "first_provided"),
        "reason": schema.note(data_dict, "reason", required=bool(status)),
    }
    service.set_status(rights.of(context).user_id, item, values, schema.version(data_dict))
    return listing.one(stored.item(item.id), officers=True)


def nd47_catalogue_item_propose(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Propose an item for a draft, a change of one of its items, or to remove one.

    The fields are those of `nd47_catalogue_item_create`, with `item_note` for `note`; an item that
    is added is provided by the agency unless another is named.

    :param catalogue: id or name of the draft
    :type catalogue: string
    :param agency: id or name of the agency that proposes
    :type agency: string
    :param kind: `add`, `change` or `remove` (optional, default: `change` with `id`, otherwise
        `add`)
    :type kind: string
    :param id: the item that is changed or removed: its id, `line_id` or code
    :type id: string
    :param note: why (optional)
    :type note: string

    :returns: the proposal, as in `nd47_catalogue_proposal_list`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_item_propose", context, data_dict)
    tables.require()
    draft = stored.catalogue(tk.get_or_bust(data_dict, "catalogue"))
    agency = directory.get(schema.line(data_dict, "agency", required=True))
    account = rights.of(context)
    if agency is None or not account.may_propose(agency.id):
        raise tk.NotAuthorized(tk._("Your account does not do this for this catalogue."))
    default = CHANGE if data_dict.get("id") else ADD
    kind = schema.choice(data_dict, "kind", PROPOSAL_KINDS, default)
    item = None if kind == ADD else stored.item(tk.get_or_bust(data_dict, "id"), draft.id)
    compiles = account.compiles_this(draft)
    if item is not None and not compiles and item.provider_id not in {agency.id, *account.edits}:
        raise tk.NotAuthorized(tk._("Another agency provides this item."))
    proposed = proposals.Proposed(
        agency.id,
        kind,
        item.line_id if item else "",
        _proposed(data_dict, kind, agency, account),
        schema.note(data_dict, "note"),
    )
    made = proposals.propose(account.user_id, draft.id, proposed)
    return proposals.one(made.id)


@tk.side_effect_free
def nd47_catalogue_proposal_list(context: Context, data_dict: DataDict) -> proposals.ProposalPage:
    """Return what agencies propose for an edition, what waits first.

    :param catalogue: id or name of the edition
    :type catalogue: string
    :param state: `waiting`, `merged` or `declined` (optional)
    :type state: string
    :param agency: id or name of the agency that proposes (optional)
    :type agency: string
    :param limit: proposals to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: proposals before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, each with `kind`, `agency`, `content`, `state`, `note`,
        `reason`, and `differences` from the item as it is now (`field`, `label`, `now`,
        `proposed`)
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_proposal_list", context, data_dict)
    tables.require()
    catalogue = stored.catalogue(tk.get_or_bust(data_dict, "catalogue"))
    filters = schema.filters(data_dict, ("state", "agency"))
    if "state" in filters:
        filters["state"] = schema.choice(data_dict, "state", PROPOSAL_STATES)
    if "agency" in filters:
        agency = directory.cached().get_any(filters["agency"])
        filters["agency"] = agency.id if agency else filters["agency"]
    limit, offset = schema.page(data_dict)
    return proposals.page(catalogue.id, filters, limit, offset)


def nd47_catalogue_proposal_decide(
    context: Context, data_dict: DataDict
) -> dict[str, list[Decided]]:
    """Merge proposals into their draft, or decline them; each is decided for itself.

    :param ids: ids of at most 500 proposals
    :type ids: list of strings
    :param decision: `merge` or `decline`
    :type decision: string
    :param reason: obligatory unless they are merged
    :type reason: string
    :param versions: by id of the proposal, the `version` of its item that was looked at (optional)
    :type versions: dictionary
    :param changes: fields of an item that are written instead of the proposed ones; only for one
        proposal (optional)
    :type changes: dictionary

    :returns: `results`, each with `id`, `done`, and `message` where it was not decided
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_proposal_decide", context, data_dict)
    tables.require()
    decision = schema.choice(data_dict, "decision", proposals.DECISIONS)
    merges = decision == proposals.MERGE
    reason = schema.note(data_dict, "reason", required=not merges)
    chosen = schema.ids(data_dict, "ids")
    changes = fields.read(_mapping(data_dict, "changes"), fields.of_items())
    if changes and len(chosen) > 1:
        raise stored.invalid("changes", tk._("Change one proposal at a time."))
    versions = _mapping(data_dict, "versions")
    user_id = rights.of(context).user_id
    results: list[Decided] = []
    for proposal_id in chosen:
        decide = (
            partial(
                proposals.merge,
                changes=changes,
                version=schema.version({stored.VERSION: versions.get(proposal_id)}),
            )
            if merges
            else partial(proposals.decline, reason=reason)
        )
        message = _problem(decide, user_id, proposal_id)
        results.append({"id": proposal_id, "done": not message, "message": message})
    return {"results": results}


def _problem(decide: Callable[[str, str], None], user_id: str, proposal_id: str) -> str:
    """Decide about one proposal; return why it was not possible, empty where it was."""
    try:
        decide(user_id, proposal_id)
    except (tk.ValidationError, tk.ObjectNotFound) as error:
        model.Session.rollback()
        return _words(error)
    return ""


def _proposed(
    data_dict: DataDict, kind: str, agency: directory.AgencyInfo, account: rights.Rights
) -> dict[str, Any]:
    """Return the values that are proposed; those of an agency are about itself."""
    if kind == REMOVE:
        return {}
    data = {name: value for name, value in data_dict.items() if name != "note"}
    if "item_note" in data_dict:
        data["note"] = data_dict["item_note"]
    known = fields.of_items()
    values = fields.read(data, known)
    if kind == ADD:
        fields.require(values, known)
        if not values.get("provider_id") and not values.get("provider"):
            values |= {"provider_id": agency.id, "provider": agency.title}
    elif not values:
        raise stored.invalid("name", tk._("Nothing is proposed: change at least one field."))
    provider = values.get("provider_id", agency.id)
    if not account.may_propose(provider):
        message = tk._("Propose items that your own agency provides.")
        raise stored.invalid("provider", message)
    return values


def _item(data_dict: DataDict) -> Item:
    reference = tk.get_or_bust(data_dict, "id")
    catalogue = data_dict.get("catalogue")
    return stored.item(reference, stored.catalogue(catalogue).id if catalogue else "")


def _mapping(data_dict: DataDict, name: str) -> dict[str, Any]:
    value = data_dict.get(name)
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        raise stored.invalid(name, tk._("Enter names and values here."))
    return value


def _words(error: Exception) -> str:
    if isinstance(error, tk.ValidationError):
        return " ".join(word for words in inputs.error_messages(error).values() for word in words)
    return str(error)
