"""Fields of organisations that the register has too.

Code, level and contact of an agency are read from the register. They stay extras of the
organisation as well, so that nothing is missing on a portal that removes the suite:
`organization_create` and `organization_update` write both in the same transaction, and so does a
change of the register.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies import directory, migrated, register
from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.directory import ORGANISATION_FIELDS

Input = tuple[Context, Mapping[str, Any]]
"""Context and input of an organisation action."""

_input: ContextVar[Input | None] = ContextVar("nd47_organisation_input", default=None)


@contextmanager
def capture(context: Context, data_dict: Mapping[str, Any]) -> Iterator[None]:
    """Remember the input of an organisation action until CKAN saves the organisation."""
    token = _input.set((context, dict(data_dict)))
    try:
        yield
    finally:
        _input.reset(token)


def user_id(context: Context) -> str:
    """Return the id of the account that an action runs for; empty without an account."""
    user = context.get("auth_user_obj")
    if user is None or not getattr(user, "id", ""):
        user = model.User.get(context.get("user")) if context.get("user") else None
    return user.id if user else ""


def write(entity: Any) -> None:
    """Write the register's fields of a saved organisation to the register, before CKAN commits.

    Args:
        entity: the organisation, or any other object that CKAN calls the plugin for; CKAN does not
            declare the column `extras` of its model, hence Any.

    Raises:
        ckan.plugins.toolkit.ValidationError: a value is not valid.
    """
    action = _input.get()
    if action is None or not isinstance(entity, model.Group) or not migrated.ready():
        return
    if not entity.is_organization:
        return
    context, data = action
    organisation: Any = entity
    extras = organisation.extras or {}
    values = {
        column: extras.get(name, "")
        for name, column in ORGANISATION_FIELDS.items()
        if name in extras or data.get(name, tk.missing) in ("", None)
    }
    entry = register.ensure(organisation.id)
    if data.get("groups") is not None:
        values["parent_id"] = _parent(data["groups"])
    try:
        permissions.check_named(context, entry, values)
        register.update(entry, values, user_id(context))
    except tk.ValidationError as error:
        model.Session.rollback()
        names = {column: name for name, column in ORGANISATION_FIELDS.items()}
        names["parent_id"] = names["parent"] = "groups"
        raise tk.ValidationError(
            {names.get(key, key): value for key, value in error.error_dict.items()}
        ) from error
    # CKAN deletes the membership of a parent that is not in the input.
    register.mirror_parent(entry)


def show(organisation: dict[str, Any]) -> None:
    """Add the register's fields to an organisation that an action returns."""
    if not migrated.ready() or not organisation.get("id"):
        return
    # CKAN has checked access to the organisation already, also to a deleted one.
    agency = directory.cached().get_any(organisation["id"])
    if agency is None:
        return
    for name, column in ORGANISATION_FIELDS.items():
        value = getattr(agency, column)
        if value:
            organisation[name] = value
        else:
            organisation.pop(name, None)


def _parent(groups: Any) -> str | None:
    """Return the id of the first organisation among the groups of an organisation."""
    items = groups if isinstance(groups, list) else []
    references = [
        str(item.get("id") or item.get("name") or "") for item in items if isinstance(item, Mapping)
    ]
    for reference in filter(None, references):
        parent_id = model.Session.scalar(
            sa.select(model.Group.id).where(
                model.Group.is_organization.is_(True),
                sa.or_(model.Group.id == reference, model.Group.name == reference),
            )
        )
        if parent_id:
            return register.ensure(parent_id).id
    return None
