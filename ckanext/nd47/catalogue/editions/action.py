"""Actions on catalogues."""

from __future__ import annotations

from typing import Any, TypedDict

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.editions import comparison, files, service, shown
from ckanext.nd47.catalogue.logic import rights, schema
from ckanext.nd47.catalogue.records import fields, history, stored
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.catalogue.records.model import RELATIONS, REPLACES

__all__ = [
    "nd47_catalogue_compare",
    "nd47_catalogue_create",
    "nd47_catalogue_delete",
    "nd47_catalogue_dispatch",
    "nd47_catalogue_file_add",
    "nd47_catalogue_history",
    "nd47_catalogue_issue",
    "nd47_catalogue_list",
    "nd47_catalogue_new_edition",
    "nd47_catalogue_propose",
    "nd47_catalogue_return",
    "nd47_catalogue_show",
    "nd47_catalogue_update",
]

FILTERS = ("q", "kind", "state", "sector", "series_id")


class Deleted(TypedDict):
    """What was deleted."""

    id: str


@tk.side_effect_free
def nd47_catalogue_list(context: Context, data_dict: DataDict) -> shown.CataloguePage:
    """Return the catalogues: the issued ones, for accounts with a role in an agency drafts too.

    :param q: words of the title or of the number of the decision (optional)
    :type q: string
    :param kind: `province`, `sector` or `agency` (optional)
    :type kind: string
    :param state: `draft`, `proposed`, `issued` or `replaced` (optional)
    :type state: string
    :param sector: code of the vocabulary of fields (optional)
    :type sector: string
    :param series_id: only the editions of one catalogue (optional)
    :type series_id: string
    :param limit: catalogues to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: catalogues before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, each as `nd47_catalogue_show` without what belongs to it, with
        `counts` of its items by status
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_list", context, data_dict)
    tables.require()
    limit, offset = schema.page(data_dict)
    return shown.listed(rights.of(context), schema.filters(data_dict, FILTERS), limit, offset)


@tk.side_effect_free
def nd47_catalogue_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return one edition of a catalogue, without its items.

    :param id: id or name of the edition
    :type id: string

    :returns: its fields; `state`, `edition`, `version`; `words`, the fields as people read them;
        `agency`; `counts` of its items by status; `editions` of the same catalogue; `dispatches`;
        the signed `file`; `proposals_waiting`; and `may`, what the account may do now
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_show", context, data_dict)
    tables.require()
    catalogue = stored.catalogue(tk.get_or_bust(data_dict, "id"))
    return shown.of_catalogue(catalogue, rights.of(context))


def nd47_catalogue_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Create a catalogue, as a draft.

    Beside the parameters below, `description`, `relation` with `related`, `next_review` and the
    fields of the proposal and of the decision can be given.

    :param title: its title
    :type title: string
    :param kind: `province`, `sector` or `agency`
    :type kind: string
    :param agency: id or name of the agency whose catalogue it is
    :type agency: string
    :param sector: code of the vocabulary of fields; obligatory for a catalogue of a sector
    :type sector: string

    :returns: as `nd47_catalogue_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_create", context, data_dict)
    tables.require()
    known = fields.of_catalogues()
    values = fields.read(data_dict, known)
    fields.require(values, known)
    agency = directory.get(schema.line(data_dict, "agency", required=True))
    if agency is None:
        raise stored.invalid("agency", tk._("There is no such agency."))
    account = rights.of(context)
    if not account.may_compile(values["kind"], agency.id):
        raise tk.NotAuthorized(tk._("Your account does not do this for this catalogue."))
    made = service.create(account.user_id, agency.id, values)
    return shown.of_catalogue(made, account)


def nd47_catalogue_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change fields of a catalogue; of an issued one only `next_review`.

    All fields of `nd47_catalogue_create` but `agency` can be given; those that are not stay.

    :param id: id or name of the edition
    :type id: string
    :param version: the `version` that was looked at; what changed since is not overwritten
        (optional)
    :type version: int

    :returns: as `nd47_catalogue_show`
    :rtype: dictionary
    """
    catalogue_id = _begin("nd47_catalogue_update", context, data_dict)
    values = fields.read(data_dict, fields.of_catalogues())
    account = rights.of(context)
    saved = service.update(account.user_id, catalogue_id, values, schema.version(data_dict))
    return shown.of_catalogue(saved, account)


def nd47_catalogue_delete(context: Context, data_dict: DataDict) -> Deleted:
    """Delete a draft with its items.

    :param id: id or name of the edition
    :type id: string
    :param version: as for `nd47_catalogue_update` (optional)
    :type version: int

    :returns: `id`
    :rtype: dictionary
    """
    catalogue_id = _begin("nd47_catalogue_delete", context, data_dict)
    service.delete(rights.of(context).user_id, catalogue_id, schema.version(data_dict))
    return {"id": catalogue_id}


def nd47_catalogue_propose(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Propose a draft to the leader who issues it.

    :param id: id or name of the edition
    :type id: string
    :param proposal_number: number of the proposal (optional)
    :type proposal_number: string
    :param proposal_date: its date (optional)
    :type proposal_date: string
    :param proposal_agency: the agency that proposes (optional)
    :type proposal_agency: string
    :param version: as for `nd47_catalogue_update` (optional)
    :type version: int

    :returns: as `nd47_catalogue_show`
    :rtype: dictionary
    """
    catalogue_id = _begin("nd47_catalogue_propose", context, data_dict)
    values = fields.read(data_dict, _of_group("proposal"))
    account = rights.of(context)
    service.propose(account.user_id, catalogue_id, values, schema.version(data_dict))
    return shown.of_catalogue(stored.catalogue(catalogue_id), account)


def nd47_catalogue_return(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return a proposed catalogue to draft, with the reason.

    :param id: id or name of the edition
    :type id: string
    :param reason: why
    :type reason: string
    :param version: as for `nd47_catalogue_update` (optional)
    :type version: int

    :returns: as `nd47_catalogue_show`
    :rtype: dictionary
    """
    catalogue_id = _begin("nd47_catalogue_return", context, data_dict)
    reason = schema.note(data_dict, "reason", required=True)
    account = rights.of(context)
    service.give_back(account.user_id, catalogue_id, reason, schema.version(data_dict))
    return shown.of_catalogue(stored.catalogue(catalogue_id), account)


def nd47_catalogue_issue(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Issue a proposed catalogue by its decision. It never changes after that.

    What it replaces is replaced in the same moment.

    :param id: id or name of the edition
    :type id: string
    :param decision_number: number of the decision
    :type decision_number: string
    :param decision_date: its date
    :type decision_date: string
    :param issuer: who issues it
    :type issuer: string
    :param signatory: who signs
    :type signatory: string
    :param signatory_position: in which position (optional)
    :type signatory_position: string
    :param in_force_from: first day in force (optional, default: the date of the decision)
    :type in_force_from: string
    :param next_review: day by which it is reviewed (optional, default: by the deadline in
        `schemas/catalogue.yaml`)
    :type next_review: string
    :param decision_url: web address of the decision (optional)
    :type decision_url: string
    :param decision_upload: the signed file, as PDF, JPEG or PNG (optional)
    :type decision_upload: file
    :param version: as for `nd47_catalogue_update` (optional)
    :type version: int

    :returns: as `nd47_catalogue_show`
    :rtype: dictionary
    """
    catalogue_id = _begin("nd47_catalogue_issue", context, data_dict)
    known = fields.by_name(items=False)
    decision_fields = [*_of_group("decision"), known["next_review"]]
    values = {
        name: value for name, value in fields.read(data_dict, decision_fields).items() if value
    }
    upload = files.uploaded(data_dict)
    account = rights.of(context)
    issued = service.issue(account.user_id, catalogue_id, values, schema.version(data_dict))
    if upload:
        files.add(account.user_id, issued.id, upload)
    return shown.of_catalogue(stored.catalogue(catalogue_id), account)


def nd47_catalogue_file_add(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Add the signed file to a catalogue that has none yet.

    :param id: id or name of the edition
    :type id: string
    :param decision_upload: the signed file, as PDF, JPEG or PNG
    :type decision_upload: file

    :returns: as `nd47_catalogue_show`
    :rtype: dictionary
    """
    catalogue_id = _begin("nd47_catalogue_file_add", context, data_dict)
    upload = files.uploaded(data_dict)
    if upload is None:
        raise stored.invalid(files.UPLOAD, tk._("Choose a file."))
    account = rights.of(context)
    files.add(account.user_id, catalogue_id, upload)
    return shown.of_catalogue(stored.catalogue(catalogue_id), account)


def nd47_catalogue_new_edition(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Start a draft of the next edition from an issued catalogue, with all its items.

    :param id: id or name of the edition that it starts from
    :type id: string
    :param relation: `replaces` or `supplements` (optional, default: `replaces`)
    :type relation: string

    :returns: as `nd47_catalogue_show`
    :rtype: dictionary
    """
    catalogue_id = _begin("nd47_catalogue_new_edition", context, data_dict)
    relation = schema.choice(data_dict, "relation", RELATIONS, REPLACES)
    account = rights.of(context)
    made = service.new_edition(account.user_id, catalogue_id, relation)
    return shown.of_catalogue(made, account)


@tk.side_effect_free
def nd47_catalogue_compare(context: Context, data_dict: DataDict) -> comparison.ComparisonDict:
    """Return what is different in an edition, in words.

    :param id: id or name of the later edition
    :type id: string
    :param other: id or name of the earlier edition (optional, default: the one that it started
        from)
    :type other: string

    :returns: `document`, the changed fields of the catalogue; `added`, `removed` and `changed`
        items, each with `code`, `name`, `provider` and `changes` (`field`, `label`, `before`,
        `after`); `unchanged`, the number of the other items
    :rtype: dictionary
    """
    edition = stored.catalogue(_begin("nd47_catalogue_compare", context, data_dict))
    reference = schema.line(data_dict, "other") or edition.previous_id
    if not reference:
        raise stored.invalid("other", tk._("Choose the edition to compare with."))
    other = stored.catalogue(reference)
    account = rights.of(context)
    if not account.may_read(other):
        raise tk.NotAuthorized(tk._("Your account does not do this for this catalogue."))
    return comparison.compare(other, edition, officers=account.reads_drafts)


@tk.side_effect_free
def nd47_catalogue_history(context: Context, data_dict: DataDict) -> history.HistoryPage:
    """Return what happened to an edition, the newest first.

    :param id: id or name of the edition
    :type id: string
    :param line: only events of one line (optional)
    :type line: string
    :param limit: events to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: events before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, each with `moment`, `user`, `event`, `line_id`, `note`,
        `before` and `after`
    :rtype: dictionary
    """
    catalogue_id = _begin("nd47_catalogue_history", context, data_dict)
    limit, offset = schema.page(data_dict)
    return history.of_catalogue(catalogue_id, limit, offset, schema.line(data_dict, "line"))


def nd47_catalogue_dispatch(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Record to whom an issued catalogue was sent, or what they answered.

    :param id: id or name of the edition
    :type id: string
    :param dispatch_id: id of an earlier record, to add the answer (optional)
    :type dispatch_id: string
    :param recipient: to whom
    :type recipient: string
    :param sent: when
    :type sent: string
    :param document_number: with which document (optional)
    :type document_number: string
    :param answer: what came back (optional)
    :type answer: string
    :param answered: when (optional)
    :type answered: string

    :returns: as `nd47_catalogue_show`
    :rtype: dictionary
    """
    catalogue_id = _begin("nd47_catalogue_dispatch", context, data_dict)
    dispatch_id = schema.line(data_dict, "dispatch_id")
    is_new = not dispatch_id
    values: dict[str, Any] = {
        "id": dispatch_id,
        "recipient": schema.line(data_dict, "recipient", required=is_new),
        "sent": schema.day(data_dict, "sent", required=is_new),
        "document_number": schema.line(data_dict, "document_number"),
        "answer": schema.note(data_dict, "answer"),
        "answered": schema.day(data_dict, "answered"),
    }
    account = rights.of(context)
    submitted = {name: value for name, value in values.items() if is_new or value}
    service.record_dispatch(account.user_id, catalogue_id, submitted)
    return shown.of_catalogue(stored.catalogue(catalogue_id), account)


def _begin(action: str, context: Context, data_dict: DataDict) -> str:
    """Check access and return the id of the edition."""
    tk.check_access(action, context, data_dict)
    tables.require()
    return stored.catalogue(tk.get_or_bust(data_dict, "id")).id


def _of_group(group: str) -> list[fields.Field]:
    return [field for field in fields.of_catalogues() if field.group == group]
