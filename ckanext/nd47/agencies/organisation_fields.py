"""Where organisations and the register meet: what an organisation action says of an agency.

The register is the one place where code, level and contact of an agency are kept. The fields that
organisations had for them stay: given to `organization_create` or `organization_update` they are
written to the register in the same transaction, and `organization_show` shows them from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies import consent, directory, register, tables

ORGANISATION_FIELDS: Mapping[str, str] = {
    "identifier": "code",
    "agency_level": "level",
    "title_en": "title_en",
    "email": "email",
    "telephone": "telephone",
    "url": "url",
    "address": "address",
}
"""Column of the register by the field of the organisation."""


@dataclass(frozen=True)
class Input:
    """What was given to an organisation action.

    Attributes:
        data: the input as it came.
        context: of the action.
    """

    data: Mapping[str, Any]
    context: Context


_INPUT: ContextVar[Input | None] = ContextVar("nd47_organisation_input", default=None)


@contextmanager
def of(context: Context, data_dict: Mapping[str, Any]) -> Iterator[None]:
    """Remember the input of an organisation action until it is saved."""
    token = _INPUT.set(Input(dict(data_dict), context))
    try:
        yield
    finally:
        _INPUT.reset(token)


def user_id(context: Context) -> str:
    """Return the id of the account that an action runs for, empty for none."""
    user = context.get("auth_user_obj")
    if user is None or not getattr(user, "id", ""):
        user = model.User.get(context.get("user")) if context.get("user") else None
    return user.id if user else ""


def take(group: Any) -> None:
    """Move what an organisation was given for the register there, before CKAN commits.

    Args:
        group: the organisation, or whatever else CKAN calls for; CKAN does not declare the column
            `extras` of its model, hence Any.

    Raises:
        ckan.plugins.toolkit.ValidationError: the register refuses it.
    """
    given = _INPUT.get()
    if given is None or not isinstance(group, model.Group) or not tables.ready():
        return
    if not group.is_organization:
        return
    organisation: Any = group
    extras = dict(organisation.extras or {})
    values = {
        column: extras.pop(name, "")
        for name, column in ORGANISATION_FIELDS.items()
        if name in extras or given.data.get(name, tk.missing) in ("", None)
    }
    organisation.extras = extras
    entry = register.ensure(group.id)
    if given.data.get("groups") is not None:
        values["parent_id"] = _parent(given.data["groups"])
    try:
        consent.check(given.context, entry, values)
        register.change(entry, values, user_id(given.context))
    except tk.ValidationError as error:
        model.Session.rollback()
        names = {column: name for name, column in ORGANISATION_FIELDS.items()}
        names["parent_id"] = names["parent"] = "groups"
        raise tk.ValidationError(
            {names.get(key, key): value for key, value in error.error_dict.items()}
        ) from error
    # CKAN forgets the parent of an organisation that is saved without naming it.
    register.mirror_parent(entry)


def show(organisation: dict[str, Any]) -> None:
    """Put what the register knows into an organisation that an action returns."""
    if not tables.ready() or not organisation.get("id"):
        return
    # CKAN has decided who may see the organisation, deleted or not.
    known = directory.directory().get_any(organisation["id"])
    if known is None:
        return
    for name, column in ORGANISATION_FIELDS.items():
        value = getattr(known, column)
        if value:
            organisation[name] = value
        else:
            organisation.pop(name, None)


def _parent(groups: Any) -> str | None:
    """Return the id of the first organisation among the groups of an organisation."""
    named = groups if isinstance(groups, list) else []
    references = [
        str(one.get("id") or one.get("name") or "") for one in named if isinstance(one, Mapping)
    ]
    for reference in filter(None, references):
        found = model.Session.scalar(
            sa.select(model.Group.id).where(
                model.Group.is_organization.is_(True),
                sa.or_(model.Group.id == reference, model.Group.name == reference),
            )
        )
        if found:
            return register.ensure(found).id
    return None
