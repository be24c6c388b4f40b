"""The row of a dataset and its history: locked, changed and recorded in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.approval import axes
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.axes import Approval, Event, Publication, State, Validity
from ckanext.nd47.desk.approval.model import Case
from ckanext.nd47.lib.fields import values
from ckanext.nd47.metadata import dataset_show

OF_PERSONS = frozenset(
    {
        "author",
        "author_email",
        "contact",
        "maintainer",
        "maintainer_email",
        *dataset_show.ASSESSMENTS,
    }
)
"""Fields that name persons, or say what is not public; their values stay out of the history,
which can never be erased."""


@dataclass(frozen=True)
class Said:
    """What a person says with an event.

    Attributes:
        user_id: the account; empty for a job.
        note: the note or the reason.
        decision_number: number of the decision.
        decision_date: its date.
        file_id: its file in `DecisionFile`.
        changes: values that are proposed or were published, by field.
    """

    user_id: str = ""
    note: str = ""
    decision_number: str = ""
    decision_date: dt.date | None = None
    file_id: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


def is_public(state: str | None, private: Any) -> bool:
    """Return whether a dataset is public."""
    return state == model.State.ACTIVE and not private


def read(dataset_id: str) -> Case | None:
    """Return the row of a dataset, None where nothing happened yet."""
    return model.Session.get(Case, dataset_id)


def lock(dataset_id: str) -> tuple[model.Package, Case]:
    """Return a dataset and its row, both locked until the transaction ends.

    The dataset is locked first, as by a save; so nobody waits for the other the wrong way round.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: the dataset was purged meanwhile.
    """
    table: Any = model.Package
    package = model.Session.scalars(
        sa.select(table)
        .where(table.id == dataset_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if package is None:
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    model.Session.execute(insert(Case).values(_first(package)).on_conflict_do_nothing())
    case = model.Session.scalars(
        sa.select(Case)
        .where(Case.id == dataset_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    return package, case


def state_of(case: Case) -> State:
    """Return the state of a row on the three axes."""
    return State(Approval(case.approval), Publication(case.publication), Validity(case.validity))


def waits(case: Case) -> bool:
    """Return whether a request waits for its decision, or a change for being sent or decided."""
    return case.approval == Approval.WAITING.value or bool(case.pending)


def without_case(package: model.Package) -> State:
    """Return the state of a dataset about which nothing is recorded."""
    is_now = is_public(package.state, package.private)
    return State(publication=Publication.PUBLISHED if is_now else Publication.NOT_YET)


def record(package: model.Package, case: Case, event: Event, said: Said) -> None:
    """Change the state of a locked row and add the event to the history.

    Raises:
        axes.NotPossibleError: the event is not possible in this state.
    """
    state = axes.after(state_of(case), event)
    case.approval = state.approval.value
    case.publication = state.publication.value
    case.validity = state.validity.value
    case.version += 1
    model.Session.flush()
    model.Session.execute(
        sa.insert(tables.events).values(
            dataset_id=package.id,
            agency_id=package.owner_org or "",
            moment=sa.func.clock_timestamp(),
            user_id=said.user_id,
            event=event.value,
            step_kind=case.step_kind,
            approval=case.approval,
            publication=case.publication,
            validity=case.validity,
            note=said.note,
            approver_id=case.approver_id,
            scheduled_at=case.scheduled_at,
            decision_number=said.decision_number,
            decision_date=said.decision_date,
            file_id=said.file_id,
            changes=values.hide(said.changes, OF_PERSONS),
        )
    )


def _first(package: model.Package) -> dict[str, Any]:
    state = without_case(package)
    return {
        "id": package.id,
        "approval": state.approval.value,
        "publication": state.publication.value,
        "validity": state.validity.value,
    }
