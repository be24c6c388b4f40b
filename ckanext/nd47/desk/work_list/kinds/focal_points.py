"""Agencies with datasets that lack a focal point, or will soon."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import alerts
from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.work_list.kinds.kind import (
    Description,
    Kind,
    Thing,
    Weight,
    address,
    columns,
)


def _statement(code: str, states: tuple[str, ...], weight: Weight) -> sa.Select[Any]:
    roles = alerts.open_roles().subquery()
    return columns(
        code,
        agency_id=roles.c.agency_id,
        day=roles.c.last_day,
        weight=weight,
        detail=sa.func.concat(roles.c.state, " ", roles.c.role),
    ).where(roles.c.state.in_(states))


def _describe(thing: Thing, scope: Scope) -> Description:
    state, _, role = thing.detail.partition(" ")
    words = _words(state).format(
        role=tk.h.nd47_label("focal-point-role", role),
        day=tk.h.nd47_day(thing.day),
    )
    if not scope.may_administer(thing.agency_id):
        endpoint = (
            "nd47_agencies.register" if scope.may_edit(thing.agency_id) else "organization.read"
        )
        return Description(words, tk._("View agency"), address(endpoint, id=thing.agency_name))
    if state == alerts.MISSING:
        url = address("nd47_agencies.new", id=thing.agency_name, role=role)
        return Description(words, tk._("Add focal point"), url)
    label = tk._("Replace focal point") if state == alerts.ENDING else tk._("Complete contacts")
    return Description(words, label, address("nd47_agencies.register", id=thing.agency_name))


def _words(state: str) -> str:
    return {
        alerts.MISSING: tk._("Nobody is in office as {role}."),
        alerts.UNREACHABLE: tk._(
            "Neither the focal point ({role}) nor the agency has a public e-mail or telephone."
        ),
        alerts.ENDING: tk._("The last term as {role} ends on {day}, without a successor."),
    }[state]


NO_FOCAL_POINT = Kind(
    "no-focal-point",
    lambda: tk._("No focal point"),
    partial(_statement, "no-focal-point", (alerts.MISSING, alerts.UNREACHABLE), Weight.NOW),
    _describe,
)
TERM_ENDS = Kind(
    "term-ends",
    lambda: tk._("Terms that end"),
    partial(_statement, "term-ends", (alerts.ENDING,), Weight.SOON),
    _describe,
)
