"""Makes datasets public after their approval, at once or at their moment, and takes them back.

Everything here ends the transaction of a locked row: CKAN's action saves the dataset and commits it
together with the row and its history. A refusal by the rules leaves all as it was.
"""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.desk.approval import cases
from ckanext.nd47.desk.approval.axes import Approval, Event, Publication
from ckanext.nd47.desk.approval.cases import Said
from ckanext.nd47.desk.approval.model import Case, now
from ckanext.nd47.desk.approval.safeguards import permit
from ckanext.nd47.desk.approval.steps import chain
from ckanext.nd47.lib import config

log = logging.getLogger(__name__)

LONGEST_PROBLEM = 1000
"""Characters of a recorded problem at most."""


def publisher() -> model.User:
    """Return the account of the site, which saves what was approved.

    Who approves may not edit the dataset. Called before rows are locked: the first call on a portal
    creates the account and commits.
    """
    name: str = tk.get_action("get_site_user")(Context(ignore_auth=True), {})["name"]
    user = model.User.get(name)
    if user is None:
        raise tk.ObjectNotFound(name)
    return user


def publish(saver: model.User, package: model.Package, case: Case, said: Said) -> None:
    """Make an approved dataset public, with what waited for the approval, and commit."""
    changes = {name: new for name, new in case.pending.items() if name != config.PERSONAL_DATA}
    case.pending, case.changed_by, case.problem, case.scheduled_at = {}, "", "", None
    if not cases.is_public(package.state, package.private):
        cases.record(package, case, Event.PUBLISH, said)
        changes = {**changes, "state": model.State.ACTIVE, "private": False}
    _save(saver, package, changes)


def resume(saver: model.User, package: model.Package, case: Case, said: Said) -> None:
    """Make a suspended dataset public again, and commit."""
    cases.record(package, case, Event.RESUME, said)
    _save(saver, package, {"state": model.State.ACTIVE, "private": False})


def hide(saver: model.User, package: model.Package, case: Case, event: Event, said: Said) -> None:
    """Suspend or withdraw a dataset: it becomes private, and commit."""
    cases.record(package, case, event, said)
    _save(saver, package, {} if package.private else {"private": True})


def _save(saver: model.User, package: model.Package, changes: dict[str, Any]) -> None:
    with permit.permitted(package.id):
        if changes:
            context = Context(user=saver.name, auth_user_obj=saver)
            tk.get_action("package_patch")(context, {"id": package.id, **changes})
        model.Session.commit()


def due() -> sa.Select[tuple[str]]:
    """Return the statement for the datasets whose moment has come, the earliest first."""
    return (
        sa.select(Case.id)
        .where(
            Case.publication == Publication.SCHEDULED.value,
            Case.scheduled_at <= now(),
        )
        .order_by(Case.scheduled_at, Case.id)
    )


def publish_due() -> tuple[int, int]:
    """Publish what is due; return how many were published and how many could not be.

    Each dataset is a transaction, so the function can be interrupted, repeated, and run on several
    servers at once.
    """
    saver = publisher()
    published = refused = 0
    for dataset_id in list(model.Session.scalars(due())):
        model.Session.rollback()
        done = _publish_one(saver, dataset_id)
        published += done is True
        refused += done is False
    return published, refused


def _publish_one(saver: model.User, dataset_id: str) -> bool | None:
    """Publish a dataset whose moment has come; None where another process did it meanwhile."""
    if model.Session.get(model.Package, dataset_id) is None:
        return None
    package, case = cases.lock(dataset_id)
    is_due = case.scheduled_at is not None and case.scheduled_at <= now()
    if case.publication != Publication.SCHEDULED.value or not is_due:
        model.Session.rollback()
        return None
    if chain.rule_for(package.owner_org).required and case.approval != Approval.APPROVED.value:
        _fail(dataset_id, tk._("The agency publishes with approval now, and nobody has approved."))
        return False
    if package.state == model.State.DELETED:
        _fail(dataset_id, tk._("The dataset was deleted before its moment."))
        return False
    try:
        publish(saver, package, case, Said())
    except tk.ValidationError as error:
        _fail(dataset_id, in_words(error))
        return False
    return True


def _fail(dataset_id: str, problem: str) -> None:
    """Record why a dataset was not published at its moment."""
    model.Session.rollback()
    package, case = cases.lock(dataset_id)
    if case.publication == Publication.SCHEDULED.value:
        case.problem, case.scheduled_at = problem[:LONGEST_PROBLEM], None
        cases.record(package, case, Event.FAIL, Said(note=case.problem))
    model.Session.commit()
    log.warning("Dataset %s was not published at its moment: %s", package.name, problem)


def in_words(error: tk.ValidationError) -> str:
    """Return the messages of a validation error as one text."""
    summary: dict[str, Any] = dict(error.error_summary)
    return " ".join(f"{label}: {words}" for label, words in summary.items())
