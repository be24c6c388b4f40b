"""Words for the codes of the approval, in the language of the reader."""

from __future__ import annotations

import datetime as dt

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.approval.axes import Event
from ckanext.nd47.desk.approval.steps import chain
from ckanext.nd47.lib.fields import values


def steps() -> dict[str, str]:
    """Return the steps of a chain: who decides."""
    return {
        chain.AGENCY: tk._("approver of the agency"),
        chain.ABOVE: tk._("approver of the superior agency"),
        chain.COMPILING: tk._("compiling agency"),
    }


def events() -> dict[str, str]:
    """Return what happens to a dataset."""
    return {
        Event.SEND.value: tk._("Sent for approval"),
        Event.PASS.value: tk._("Approved, to the next step"),
        Event.APPROVE.value: tk._("Approved"),
        Event.ASK_CHANGES.value: tk._("Changes asked for"),
        Event.REFUSE.value: tk._("Refused"),
        Event.CHANGE.value: tk._("Content changed"),
        Event.DISCARD.value: tk._("Taken back before the decision"),
        Event.PLAN.value: tk._("Moment of publication chosen"),
        Event.SCHEDULE.value: tk._("Publication scheduled"),
        Event.UNSCHEDULE.value: tk._("Schedule cancelled"),
        Event.PUBLISH.value: tk._("Published"),
        Event.FAIL.value: tk._("Not published at its moment"),
        Event.OPEN.value: tk._("Published without approval"),
        Event.HIDE.value: tk._("Made private or deleted"),
        Event.SUSPEND.value: tk._("Publication suspended"),
        Event.RESUME.value: tk._("Publication resumed"),
        Event.WITHDRAW.value: tk._("Withdrawn"),
    }


def moment(value: dt.datetime | None) -> str:
    """Return a moment in Viet Nam, the day first; empty for none."""
    return value.astimezone(values.VIETNAM).strftime("%d/%m/%Y %H:%M") if value else ""
