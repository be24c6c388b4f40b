"""Actions of the plans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.logic import rights, schema
from ckanext.nd47.catalogue.plans import history, service, shown, sources, stored
from ckanext.nd47.catalogue.plans import model as tables
from ckanext.nd47.catalogue.plans import schema as inputs_of_plan
from ckanext.nd47.catalogue.plans.model import KINDS, Stage
from ckanext.nd47.catalogue.plans.progress import STATES
from ckanext.nd47.catalogue.records import stored as catalogues
from ckanext.nd47.catalogue.records.stored import invalid
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates

__all__ = [
    "nd47_plan_close",
    "nd47_plan_create",
    "nd47_plan_delete",
    "nd47_plan_done",
    "nd47_plan_entries",
    "nd47_plan_entry_delete",
    "nd47_plan_entry_update",
    "nd47_plan_fill",
    "nd47_plan_follow",
    "nd47_plan_history",
    "nd47_plan_issue",
    "nd47_plan_list",
    "nd47_plan_show",
    "nd47_plan_slip",
    "nd47_plan_update",
]

LINES = ("issuer", "signatory", "signatory_position", "decision_number")


class Filled(TypedDict):
    """How many entries were added."""

    id: str
    added: int


class Changed(TypedDict):
    """What was changed."""

    id: str


@tk.side_effect_free
def nd47_plan_list(context: Context, data_dict: DataDict) -> shown.PlanPage:
    """Return the plans that the account reads, the newest first.

    :param limit: plans to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: plans before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_list", context, data_dict)
    tables.require()
    limit, offset = schema.page(data_dict)
    return shown.listed(rights.of(context), limit, offset)


@tk.side_effect_free
def nd47_plan_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return a plan with its stages, and how far it is on a day.

    :param id: id or name of the plan
    :type id: string
    :param day: the day, also a past one (optional, default: today)
    :type day: string
    :param include_entries: whether to add `entries`, a page of them as `nd47_plan_entries` returns
        it, with the parameters of that action (optional, default: False)
    :type include_entries: boolean

    :returns: its fields; `stages` with targets and what is reached, `counts` of its entries by
        state, `items` and `agencies`, `by_agency`, and `may`, what the account may do now
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_show", context, data_dict)
    tables.require()
    plan = stored.plan(data_dict.get("id"))
    includes = inputs.of_kinds(data_dict, include_entries="flag").get("include_entries")
    query = _entry_query(data_dict) if includes else None
    return shown.one(plan, _day(data_dict), rights.of(context), query)


@tk.side_effect_free
def nd47_plan_entries(context: Context, data_dict: DataDict) -> shown.EntryPage:
    """Return who is to publish or improve what by when, and how far it is on a day.

    :param id: id or name of the plan
    :type id: string
    :param day: the day, also a past one (optional, default: today)
    :type day: string
    :param state: `done`, `late` or `open` (optional)
    :type state: string
    :param agency: id of the agency, or its name where the register does not have it (optional)
    :type agency: string
    :param stage: position of the stage (optional)
    :type stage: string
    :param kind: `publish` or `improve` (optional)
    :type kind: string
    :param limit: entries to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: entries before the page (optional, default: 0)
    :type offset: int

    :returns: `count`, `counts` by state and `results`, each with `due`, `expected`, `done_on`,
        `state` and `slips`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_entries", context, data_dict)
    tables.require()
    query = _entry_query(data_dict)
    plan = stored.plan(data_dict.get("id"))
    return shown.entries(plan, _day(data_dict), rights.of(context), query)


def _entry_query(data_dict: DataDict) -> shown.EntryQuery:
    limit, offset = schema.page(data_dict)
    filters = schema.filters(data_dict, shown.FILTERS)
    for name, allowed in (("state", STATES), ("kind", KINDS)):
        if name in filters and filters[name] not in allowed:
            raise invalid(name, inputs.none_of(filters[name], allowed))
    return shown.EntryQuery(filters, limit, offset)


@tk.side_effect_free
def nd47_plan_history(context: Context, data_dict: DataDict) -> history.HistoryPage:
    """Return what happened to a plan, the newest first.

    :param id: id or name of the plan
    :type id: string
    :param entry: only events of an entry (optional)
    :type entry: string
    :param limit: events to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: events before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_history", context, data_dict)
    tables.require()
    limit, offset = schema.page(data_dict)
    plan = stored.plan(data_dict.get("id"))
    return history.page(plan.id, limit, offset, schema.line(data_dict, "entry"))


def nd47_plan_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Create a plan as a draft.

    :param agency: id, name or code of the agency that compiles it
    :type agency: string
    :param title: its title
    :type title: string
    :param first_day: the day on which it begins
    :type first_day: string
    :param last_day: the day on which it ends
    :type last_day: string
    :param description: what it is for (optional)
    :type description: string
    :param stages: a list, each with `title`, `first_day`, `last_day`, `share_of_items` and
        `share_of_agencies` in percent, and `minimum_level` in words (optional)
    :type stages: list of dictionaries

    :returns: as `nd47_plan_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_create", context, data_dict)
    tables.require()
    account = rights.of(context)
    agency = directory.get(schema.line(data_dict, "agency", required=True))
    if agency is None:
        raise invalid("agency", tk._("There is no agency with this code or name."))
    values = inputs_of_plan.values(data_dict, required=True)
    stages = inputs_of_plan.stages(data_dict)
    made = service.create(account.user_id, agency.id, values)
    if stages:
        service.set_stages(account.user_id, made.id, stages)
    return shown.one(stored.plan(made.id), dates.today(), account)


def nd47_plan_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change fields or stages of a draft.

    :param id: id or name of the plan
    :type id: string
    :param version: the version that was looked at (optional)
    :type version: int

    Other parameters as for `nd47_plan_create`; those that are left out stay as they are.

    :returns: as `nd47_plan_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_update", context, data_dict)
    tables.require()
    account = rights.of(context)
    plan = stored.plan(data_dict.get("id"))
    stages = inputs_of_plan.stages(data_dict)
    service.update(
        account.user_id,
        plan.id,
        inputs_of_plan.values(data_dict, required=False),
        schema.version(data_dict),
    )
    if stages is not None:
        service.set_stages(account.user_id, plan.id, stages)
    return shown.one(stored.plan(plan.id), dates.today(), account)


def nd47_plan_fill(context: Context, data_dict: DataDict) -> Filled:
    """Add to a draft what catalogues plan and what is to be improved in datasets.

    Items that are published, planned for after the plan, or in the plan already are left out.

    :param id: id or name of the plan
    :type id: string
    :param catalogues: ids or names of editions (optional)
    :type catalogues: list of strings
    :param improvements: whether datasets with an improvement plan are added (optional)
    :type improvements: bool

    :returns: `id` and `added`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_fill", context, data_dict)
    tables.require()
    account = rights.of(context)
    plan = stored.plan(data_dict.get("id"))
    data = inputs.of_kinds(data_dict, catalogues="list", improvements="flag")
    editions = [
        catalogues.catalogue(reference) for reference in data.get("catalogues") or [] if reference
    ]
    if not all(account.may_read(edition) for edition in editions):
        raise tk.NotAuthorized(tk._("Your account does not do this with plans."))
    stages = list(model.Session.scalars(sa.select(Stage).where(Stage.plan_id == plan.id)))
    rows: list[Mapping[str, Any]] = [*sources.of_catalogues(plan, stages, editions)]
    if data.get("improvements"):
        rows += sources.of_datasets(plan)
    series = sorted({*plan.series_ids, *(edition.series_id for edition in editions)})
    service.update(account.user_id, plan.id, {"series_ids": series}, None)
    return {"id": plan.id, "added": service.add_entries(account.user_id, plan.id, rows)}


def nd47_plan_entry_update(context: Context, data_dict: DataDict) -> Changed:
    """Change the day or the minimum level of an entry of a draft.

    :param id: id of the entry
    :type id: string
    :param due: the planned day
    :type due: string
    :param minimum_level: what is to be reached at least, in words (optional)
    :type minimum_level: string

    :returns: `id`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_entry_update", context, data_dict)
    tables.require()
    entry = stored.entry(data_dict.get("id"))
    values: dict[str, Any] = {}
    if "due" in data_dict:
        values["due"] = schema.day(data_dict, "due")
    if "minimum_level" in data_dict:
        values["minimum_level"] = schema.line(data_dict, "minimum_level")
    service.update_entry(rights.of(context).user_id, entry, values)
    return {"id": str(data_dict["id"])}


def nd47_plan_entry_delete(context: Context, data_dict: DataDict) -> Changed:
    """Remove an entry from a draft.

    :param id: id of the entry
    :type id: string

    :returns: `id`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_entry_delete", context, data_dict)
    tables.require()
    entry = stored.entry(data_dict.get("id"))
    service.delete_entry(rights.of(context).user_id, entry)
    return {"id": str(data_dict["id"])}


def nd47_plan_delete(context: Context, data_dict: DataDict) -> Changed:
    """Delete a draft.

    :param id: id or name of the plan
    :type id: string

    :returns: `id`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_delete", context, data_dict)
    tables.require()
    plan_id = stored.plan(data_dict.get("id")).id
    service.delete(rights.of(context).user_id, plan_id)
    return {"id": plan_id}


def nd47_plan_issue(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Issue a plan by its document; from then on it never changes.

    :param id: id or name of the plan
    :type id: string
    :param decision_number: number of the document
    :type decision_number: string
    :param decision_date: its date
    :type decision_date: string
    :param issuer: who issues it
    :type issuer: string
    :param signatory: who signs
    :type signatory: string
    :param signatory_position: in which position (optional)
    :type signatory_position: string
    :param version: the version that was looked at (optional)
    :type version: int

    :returns: as `nd47_plan_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_issue", context, data_dict)
    tables.require()
    account = rights.of(context)
    plan = stored.plan(data_dict.get("id"))
    values: dict[str, Any] = {
        name: schema.line(data_dict, name) for name in LINES if name in data_dict
    }
    if "decision_date" in data_dict:
        values["decision_date"] = schema.day(data_dict, "decision_date")
    service.issue(account.user_id, plan.id, values, schema.version(data_dict))
    return shown.one(stored.plan(plan.id), dates.today(), account)


def nd47_plan_close(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Close an issued plan: nothing is recorded in it any more.

    :param id: id or name of the plan
    :type id: string
    :param note: why (optional)
    :type note: string

    :returns: as `nd47_plan_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_close", context, data_dict)
    tables.require()
    account = rights.of(context)
    plan = stored.plan(data_dict.get("id"))
    service.close(account.user_id, plan.id, schema.note(data_dict))
    return shown.one(stored.plan(plan.id), dates.today(), account)


def nd47_plan_slip(context: Context, data_dict: DataDict) -> Changed:
    """Put off the day of an entry of an issued plan; the planned day and the reason stay for ever.

    :param id: id of the entry
    :type id: string
    :param day: the new day
    :type day: string
    :param reason: why
    :type reason: string

    :returns: `id`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_slip", context, data_dict)
    tables.require()
    entry = stored.entry(data_dict.get("id"))
    reason = schema.note(data_dict, "reason", required=True)
    day = schema.day(data_dict, "day", required=True)
    if day is not None:
        service.put_off(rights.of(context).user_id, entry, day, reason)
    return {"id": str(data_dict["id"])}


def nd47_plan_done(context: Context, data_dict: DataDict) -> Changed:
    """Record the day on which an improvement was done, or with no day that it was not after all.

    :param id: id of the entry
    :type id: string
    :param day: the day (optional)
    :type day: string
    :param note: a remark (optional)
    :type note: string

    :returns: `id`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_done", context, data_dict)
    tables.require()
    entry = stored.entry(data_dict.get("id"))
    day = schema.day(data_dict, "day")
    service.set_done(rights.of(context).user_id, entry, day, schema.note(data_dict))
    return {"id": str(data_dict["id"])}


def nd47_plan_follow(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Start the plan that follows an issued one, with what is left of it.

    :param id: id or name of the plan before it
    :type id: string
    :param title: title of the new plan
    :type title: string
    :param first_day: the day on which it begins
    :type first_day: string
    :param last_day: the day on which it ends
    :type last_day: string

    :returns: as `nd47_plan_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_plan_follow", context, data_dict)
    tables.require()
    account = rights.of(context)
    plan = stored.plan(data_dict.get("id"))
    made = service.follow(account.user_id, plan.id, inputs_of_plan.values(data_dict, required=True))
    return shown.one(stored.plan(made.id), dates.today(), account)


def _day(data_dict: DataDict) -> dt.date:
    return schema.day(data_dict, "day") or dates.today()
