"""Saves one dataset of a run with CKAN's own actions, or only rehearses it.

A real save and the state of its item are one transaction, which CKAN's action commits: after a
crash either both are stored or neither. A rehearsal does everything up to the commit and is rolled
back, so that it says what the save would say, whichever plugin refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.desk.bulk.kinds import Values
from ckanext.nd47.desk.bulk.model import CREATE, Item

Errors = dict[str, list[str]]
"""Messages by the path of a field, such as `theme` or `resources.0.url`."""

MESSAGE = "message"
"""Key of messages that belong to no field."""

NOT_COMPARED = frozenset({"plugin_data"})
"""Columns that plugins use for notes; they are no part of the metadata."""


class RehearsalError(RuntimeError):
    """Something tried to commit during a rehearsal."""


def account_context(account_id: str) -> Context | None:
    """Return a context with the permissions of an account, None if it is no longer active."""
    user = model.User.get(account_id)
    if user is None or user.state != model.State.ACTIVE:
        return None
    return Context(user=user.name, auth_user_obj=user)


def fingerprint() -> sa.ColumnElement[str]:
    """Return the column that changes with every change of the metadata of a dataset.

    A change of tags or resources changes the dataset's time of modification.
    """
    columns = [column for column in model.package_table.c if column.name not in NOT_COMPARED]
    return sa.func.md5(sa.cast(sa.func.row(*columns), sa.Text))


def locked_fingerprint(dataset_id: str) -> str | None:
    """Lock a dataset until the end of the transaction; return its fingerprint, None if gone."""
    # Loaded objects may be older than the lock.
    model.Session.expire_all()
    table = model.package_table
    query = sa.select(fingerprint()).where(table.c.id == dataset_id)
    return model.Session.scalar(query.with_for_update())


def save(context: Context, operation: str, dataset_id: str | None, values: Values) -> str:
    """Create or change a dataset, and return its id.

    Raises:
        ckan.plugins.toolkit.ValidationError: a value, a rule or an approval refuses it.
        ckan.plugins.toolkit.NotAuthorized: the account may not do it.
        ckan.plugins.toolkit.ObjectNotFound: the dataset is gone.
    """
    if operation == CREATE:
        result = tk.get_action("package_create")(context, dict(values))
    else:
        result = tk.get_action("package_patch")(context, {**values, "id": dataset_id})
    return result if isinstance(result, str) else result["id"]


@contextmanager
def recorded(item: Item) -> Iterator[None]:
    """Complete an item just before the commit of a save: fingerprint, and id of a new dataset."""
    session = model.Session()
    created: list[str] = []

    def note(_session: Any, _context: Any) -> None:
        created.extend(new.id for new in session.new if isinstance(new, model.Package))

    def write(_session: Any) -> None:
        if session.in_nested_transaction():
            return
        session.flush()
        dataset_id = item.dataset_id or next(iter(created), None)
        table = model.package_table
        after = sa.select(fingerprint()).where(table.c.id == dataset_id).scalar_subquery()
        session.execute(
            sa.update(Item)
            .where(Item.run_id == item.run_id, Item.position == item.position)
            .values(dataset_id=dataset_id, fingerprint_after=sa.func.coalesce(after, ""))
            .execution_options(synchronize_session=False)
        )

    event.listen(session, "after_flush", note)
    event.listen(session, "before_commit", write)
    try:
        yield
    finally:
        event.remove(session, "after_flush", note)
        event.remove(session, "before_commit", write)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Roll back what happens inside; a commit raises `RehearsalError`."""
    session = model.Session()

    def refuse(_session: Any) -> None:
        if not session.in_nested_transaction():
            raise RehearsalError

    event.listen(session, "before_commit", refuse)
    try:
        yield
    finally:
        event.remove(session, "before_commit", refuse)
        session.rollback()


def rehearsed(context: Context, operation: str, dataset_id: str | None, values: Values) -> str:
    """Save a dataset without a commit, within a `rehearsal`; return its id.

    Raises:
        ckan.plugins.toolkit.ValidationError: as for `save`.
        ckan.plugins.toolkit.NotAuthorized: as for `save`.
        ckan.plugins.toolkit.ObjectNotFound: as for `save`.
    """
    uncommitted: Any = {**context, "defer_commit": True, "return_id_only": True}
    saved = save(uncommitted, operation, dataset_id, values)
    model.Session.flush()
    return saved


def errors_of(error: Exception) -> Errors:
    """Return what an action refused, in words, by field."""
    if isinstance(error, tk.ValidationError):
        paths: Errors = {}
        _collect(dict(error.error_dict), (), paths)
        return paths or message(tk._("The dataset was refused."))
    if isinstance(error, tk.ObjectNotFound):
        return message(tk._("The dataset does not exist any more."))
    if isinstance(error, tk.NotAuthorized):
        return message(str(error.message or tk._("Your account may not change this dataset.")))
    return message(tk._("The dataset could not be saved because of an error of the portal."))


def message(text: str) -> Errors:
    """Return the errors for a reason that belongs to no field."""
    return {MESSAGE: [text]}


def _collect(value: Any, path: tuple[str, ...], paths: Errors) -> None:
    """Collect the messages of an error of any shape by their path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _collect(inner, (*path, str(key)), paths)
    elif isinstance(value, (list, tuple)):
        nested = any(isinstance(inner, (Mapping, list)) for inner in value)
        for number, inner in enumerate(value):
            _collect(inner, (*path, str(number)) if nested else path, paths)
    elif value:
        messages = paths.setdefault(".".join(path) or MESSAGE, [])
        if str(value) not in messages:
            messages.append(str(value))
