"""State of the work list, for `ckan nd47 doctor`."""

from __future__ import annotations

from ckanext.nd47.desk.approval import model as approval
from ckanext.nd47.desk.reminders import model as reminders
from ckanext.nd47.desk.work_list import model
from ckanext.nd47.desk.work_list.store import refresh

TABLES = (model.TABLE, approval.EVENTS, reminders.TABLE, reminders.CHOICE_TABLE)


def waiting() -> int:
    """Return the number of datasets that are to be examined, 0 without the table."""
    return refresh.waiting() if model.ready() else 0
