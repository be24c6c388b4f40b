"""Rows of plans: found, locked, compared with what somebody saw; see `catalogue.records.stored`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.plans.model import DRAFT, ISSUED, Entry, Plan
from ckanext.nd47.catalogue.records.history import moment_in_words
from ckanext.nd47.catalogue.records.model import now
from ckanext.nd47.catalogue.records.stored import VERSION, invalid
from ckanext.nd47.lib import inputs


def plan(reference: Any) -> Plan:
    """Return a plan by id or name.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is none.
    """
    row = find_plan(reference)
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such plan."))
    return row


def find_plan(reference: Any) -> Plan | None:
    """Return a plan by id or name, None where there is none."""
    if not isinstance(reference, str) or not inputs.storable(reference):
        return None
    return model.Session.scalar(
        sa.select(Plan).where(sa.or_(Plan.id == reference, Plan.name == reference))
    )


def entry(reference: Any) -> Entry:
    """Return an entry by its id.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is none.
    """
    row = find_entry(reference)
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such entry in a plan."))
    return row


def find_entry(reference: Any) -> Entry | None:
    """Return an entry by its id, None where there is none."""
    if not isinstance(reference, str) or not inputs.storable(reference):
        return None
    return model.Session.get(Entry, reference)


def lock(plan_id: str, version: int | None = None) -> Plan:
    """Return a plan, locked until the transaction ends.

    Args:
        plan_id: the plan.
        version: the version that somebody looked at; None where nobody did.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: it was deleted meanwhile.
        ckan.plugins.toolkit.ValidationError: it was changed meanwhile.
    """
    row = model.Session.scalar(
        sa.select(Plan)
        .where(Plan.id == plan_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such plan."))
    if version is not None and row.version != version:
        user = model.User.get(row.changed_by) if row.changed_by else None
        who = (user.fullname or user.name) if user else tk._("Somebody else")
        moment = moment_in_words(row.modified)
        model.Session.rollback()
        message = tk._(
            "{account} changed this at {moment}, after you opened it. Nothing of yours was saved:"
            " open it again and repeat your change."
        )
        raise invalid(VERSION, message.format(account=who, moment=moment))
    return row


def require_draft(row: Plan) -> None:
    """Refuse to change a plan that is issued.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is.
    """
    if row.state != DRAFT:
        message = tk._("An issued plan never changes. Put off a day with its reason instead.")
        raise invalid("state", message)


def require_issued(row: Plan) -> None:
    """Refuse to record how far a plan is that is not in force.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is a draft or closed.
    """
    if row.state != ISSUED:
        raise invalid("state", tk._("This is recorded in an issued plan only."))


def changed(row: Plan, user_id: str) -> None:
    """Note that an account changes a locked plan."""
    row.version += 1
    row.changed_by = user_id
    row.modified = now()
