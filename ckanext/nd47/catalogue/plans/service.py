"""Plans: created, filled, issued, followed by the next; days put off, improvements done.

Every function locks the plan, looks at it as it is then, and commits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.logic import schema
from ckanext.nd47.catalogue.plans import history, progress, stored
from ckanext.nd47.catalogue.plans.history import About, Event
from ckanext.nd47.catalogue.plans.model import CLOSED, ISSUED, Entry, Plan, Stage
from ckanext.nd47.catalogue.records.stored import invalid
from ckanext.nd47.lib.calendar import dates

OF_DECISION = ("decision_number", "decision_date", "issuer", "signatory")
MOST_NAMES = 100


def create(user_id: str, agency_id: str, values: Mapping[str, Any]) -> Plan:
    """Create a plan as a draft."""
    _check_days(values["first_day"], values["last_day"])
    made = Plan(
        name=_free_name(schema.name_of(values["title"])),
        agency_id=agency_id,
        changed_by=user_id,
        **values,
    )
    model.Session.add(made)
    _flush(tk._("The next plan of this one is there already."))
    history.add(made.id, Event.CREATE, user_id, About(changes=values))
    model.Session.commit()
    return made


def update(user_id: str, plan_id: str, values: Mapping[str, Any], version: int | None) -> Plan:
    """Change fields of a draft.

    Raises:
        ckan.plugins.toolkit.ValidationError: it was changed meanwhile, or is issued.
    """
    plan = stored.lock(plan_id, version)
    stored.require_draft(plan)
    new = {name: value for name, value in values.items() if getattr(plan, name) != value}
    for name, value in new.items():
        setattr(plan, name, value)
    _check_days(plan.first_day, plan.last_day)
    if new:
        stored.changed(plan, user_id)
        model.Session.flush()
        history.add(plan_id, Event.UPDATE, user_id, About(changes=new))
    model.Session.commit()
    return plan


def set_stages(user_id: str, plan_id: str, stages: Sequence[Mapping[str, Any]]) -> None:
    """Replace the stages of a draft.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is issued, or the days are in the wrong order.
    """
    plan = stored.lock(plan_id)
    stored.require_draft(plan)
    for stage in stages:
        _check_days(stage["first_day"], stage["last_day"])
    model.Session.execute(sa.delete(Stage).where(Stage.plan_id == plan_id))
    in_order = sorted(stages, key=lambda stage: stage["first_day"])
    model.Session.add_all(
        Stage(plan_id=plan_id, position=position, **stage)
        for position, stage in enumerate(in_order, start=1)
    )
    stored.changed(plan, user_id)
    model.Session.flush()
    titles = [stage["title"] for stage in in_order]
    history.add(plan_id, Event.STAGES, user_id, About(changes={"stages": titles}))
    model.Session.commit()


def add_entries(user_id: str, plan_id: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add entries to a draft; those whose line or dataset it has already are left out.

    Returns:
        how many were added.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is issued.
    """
    plan = stored.lock(plan_id)
    stored.require_draft(plan)
    present = set(
        model.Session.execute(
            sa.select(Entry.line_id, Entry.dataset_id).where(Entry.plan_id == plan_id)
        ).tuples()
    )
    new = []
    for row in rows:
        subject = (row.get("line_id", ""), row.get("dataset_id", ""))
        if subject not in present:
            present.add(subject)
            new.append(Entry(plan_id=plan_id, **row))
    model.Session.add_all(new)
    if new:
        stored.changed(plan, user_id)
        model.Session.flush()
        history.add(plan_id, Event.FILL, user_id, About(changes={"added": len(new)}))
    model.Session.commit()
    return len(new)


def update_entry(user_id: str, entry: Entry, values: Mapping[str, Any]) -> None:
    """Change an entry of a draft.

    Raises:
        ckan.plugins.toolkit.ValidationError: the plan is issued.
    """
    plan = stored.lock(entry.plan_id)
    stored.require_draft(plan)
    new = {name: value for name, value in values.items() if getattr(entry, name) != value}
    for name, value in new.items():
        setattr(entry, name, value)
    if new:
        stored.changed(plan, user_id)
        model.Session.flush()
        history.add(plan.id, Event.ENTRY_UPDATE, user_id, About(entry.id, changes=new))
    model.Session.commit()


def delete_entry(user_id: str, entry: Entry) -> None:
    """Remove an entry from a draft.

    Raises:
        ckan.plugins.toolkit.ValidationError: the plan is issued.
    """
    plan = stored.lock(entry.plan_id)
    stored.require_draft(plan)
    about = About(entry.id, changes={"name": entry.name})
    model.Session.delete(entry)
    stored.changed(plan, user_id)
    model.Session.flush()
    history.add(plan.id, Event.ENTRY_DELETE, user_id, about)
    model.Session.commit()


def delete(user_id: str, plan_id: str) -> None:
    """Delete a draft.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is issued.
    """
    plan = stored.lock(plan_id)
    stored.require_draft(plan)
    about = About(changes={"title": plan.title})
    for table in (Entry, Stage):
        model.Session.execute(sa.delete(table).where(table.plan_id == plan_id))
    model.Session.delete(plan)
    model.Session.flush()
    history.add(plan_id, Event.DELETE, user_id, about)
    model.Session.commit()


def issue(user_id: str, plan_id: str, values: Mapping[str, Any], version: int | None) -> Plan:
    """Issue a plan by its document; from then on it never changes.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is incomplete, or issued already.
    """
    plan = stored.lock(plan_id, version)
    stored.require_draft(plan)
    for name, value in values.items():
        setattr(plan, name, value)
    missing: dict[str, Any] = {
        name: [tk._("Enter a value here.")] for name in OF_DECISION if not getattr(plan, name)
    }
    for table, name in ((Stage, "stages"), (Entry, "entries")):
        if not model.Session.scalar(sa.select(sa.exists().where(table.plan_id == plan_id))):
            missing[name] = [tk._("The plan has no stages or no entries yet.")]
    without_day = model.Session.scalar(
        sa.select(sa.func.count()).where(Entry.plan_id == plan_id, Entry.due.is_(None))
    )
    if without_day:
        message = tk.ungettext(
            "{number} entry has no day yet.", "{number} entries have no day yet.", without_day
        )
        missing["entries"] = [message.format(number=without_day)]
    if missing:
        model.Session.rollback()
        raise tk.ValidationError(missing)
    plan.state = ISSUED
    stored.changed(plan, user_id)
    model.Session.flush()
    history.add(plan_id, Event.ISSUE, user_id, About(changes=values))
    model.Session.commit()
    return plan


def close(user_id: str, plan_id: str, note: str) -> None:
    """Close an issued plan: nothing is recorded in it any more.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not issued.
    """
    plan = stored.lock(plan_id)
    stored.require_issued(plan)
    plan.state = CLOSED
    stored.changed(plan, user_id)
    model.Session.flush()
    history.add(plan_id, Event.CLOSE, user_id, About(note=note))
    model.Session.commit()


def put_off(user_id: str, entry: Entry, day: dt.date, reason: str) -> None:
    """Record that an entry slips to another day, and why; the planned day stays.

    Raises:
        ckan.plugins.toolkit.ValidationError: the plan is not issued, or the day is not later.
    """
    plan = stored.lock(entry.plan_id)
    stored.require_issued(plan)
    last = progress.expected_day(entry)
    if last is not None and day <= last:
        raise invalid("day", tk._("The new day is later than the day that holds now."))
    history.add(plan.id, Event.SLIP, user_id, About(entry.id, day, reason))
    model.Session.commit()


def set_done(user_id: str, entry: Entry, day: dt.date | None, note: str) -> None:
    """Record that an improvement was done, or with no day that it was not after all.

    Raises:
        ckan.plugins.toolkit.ValidationError: the plan is not issued, the day lies ahead, or the
            entry is about a publication, whose day is that of its datasets.
    """
    plan = stored.lock(entry.plan_id)
    stored.require_issued(plan)
    if entry.line_id:
        message = tk._("The day of a publication is that of the datasets, or stated with the item.")
        raise invalid("id", message)
    if day is not None and day > dates.today():
        raise invalid("day", tk._("This day is in the future."))
    event = Event.REOPEN if day is None else Event.DONE
    history.add(plan.id, event, user_id, About(entry.id, day, note))
    model.Session.commit()


def follow(user_id: str, plan_id: str, values: Mapping[str, Any]) -> Plan:
    """Start the plan that follows another one, with what is left of it.

    Args:
        user_id: who starts it.
        plan_id: the plan before it.
        values: title and days of the new plan.

    Raises:
        ckan.plugins.toolkit.ValidationError: the plan is a draft, or is followed already.
    """
    before = stored.lock(plan_id)
    if before.state not in {ISSUED, CLOSED}:
        raise invalid("state", tk._("The next plan starts from an issued one."))
    made = create(
        user_id,
        before.agency_id,
        {"series_ids": before.series_ids, "previous_id": before.id, **values},
    )
    left = [
        {
            "kind": row.entry.kind,
            "name": row.entry.name,
            "line_id": row.entry.line_id,
            "dataset_id": row.entry.dataset_id,
            "task": row.entry.task,
            "provider_id": row.entry.provider_id,
            "provider": row.entry.provider,
            "minimum_level": row.entry.minimum_level,
            "due": row.expected if row.expected and row.expected >= made.first_day else None,
        }
        for row in progress.of_plan(before, dates.today()).rows
        if row.state != progress.DONE
    ]
    add_entries(user_id, made.id, left)
    return made


def _check_days(first: dt.date, last: dt.date) -> None:
    if first > last:
        raise invalid("last_day", tk._("The last day is before the first one."))


def _free_name(base: str) -> str:
    taken = set(model.Session.scalars(sa.select(Plan.name).where(Plan.name.startswith(base))))
    names = (base, *(f"{base}-{number}" for number in range(2, MOST_NAMES)))
    return next((name for name in names if name not in taken), f"{base}-{len(taken) + 1}")


def _flush(message: str) -> None:
    try:
        model.Session.flush()
    except IntegrityError:
        model.Session.rollback()
        raise invalid("title", message) from None
