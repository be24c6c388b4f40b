"""Rows of catalogues and items: found, locked, compared with what somebody saw.

A change locks the row, looks at it as it is then, and commits. So of two people who change the same
thing at once one changes it, and the other is told what happened and loses nothing on the screen.
"""

from __future__ import annotations

from typing import Any, NoReturn

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.records.history import moment_in_words
from ckanext.nd47.catalogue.records.model import DRAFT, Catalogue, Item, Line, Proposal, now
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http

VERSION = "version"


def catalogue(reference: Any) -> Catalogue:
    """Return an edition by id or name.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is none.
    """
    edition = find_catalogue(reference)
    if edition is None:
        raise tk.ObjectNotFound(tk._("There is no such catalogue."))
    return edition


def find_catalogue(reference: Any) -> Catalogue | None:
    """Return an edition by id or name, None where there is none."""
    if not isinstance(reference, str) or not inputs.storable(reference):
        return None
    return model.Session.scalar(
        sa.select(Catalogue).where(sa.or_(Catalogue.id == reference, Catalogue.name == reference))
    )


def item(reference: Any, catalogue_id: str = "") -> Item:
    """Return an item by its id, or within an edition also by its line or code.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is none.
    """
    row = find_item(reference, catalogue_id)
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such item."))
    return row


def find_item(reference: Any, catalogue_id: str = "") -> Item | None:
    """Return an item as `item` does, None where there is none."""
    if not isinstance(reference, str) or not reference or not inputs.storable(reference):
        return None
    condition = Item.id == reference
    if catalogue_id:
        inside = sa.or_(condition, Item.line_id == reference, Item.code == reference)
        condition = sa.and_(Item.catalogue_id == catalogue_id, inside)
    # An id comes before the code of another item that is written the same.
    query = sa.select(Item).where(condition).order_by(Item.code == reference).limit(1)
    return model.Session.scalar(query)


def lock_catalogue(catalogue_id: str, version: int | None = None) -> Catalogue:
    """Return an edition, locked until the transaction ends.

    Args:
        catalogue_id: the edition.
        version: the version that somebody looked at; None where nobody did.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: it was deleted meanwhile.
        ckan.plugins.toolkit.ValidationError: it was changed meanwhile.
    """
    return _locked(Catalogue, catalogue_id, version, tk._("There is no such catalogue."))


def lock_item(item_id: str, version: int | None = None) -> Item:
    """Return an item of a draft, both locked until the transaction ends; as `lock_catalogue`."""
    # First the draft, then the item, as the database does when it deletes a draft with its items.
    require_draft(share_catalogue(item(item_id).catalogue_id))
    return _locked(Item, item_id, version, tk._("There is no such item."))


def lock_line(line_id: str, version: int | None = None) -> Line:
    """Return a line, locked until the transaction ends; as `lock_catalogue`."""
    return _locked(Line, line_id, version, tk._("There is no such item."))


def lock_proposal(proposal_id: str) -> Proposal:
    """Return a proposal, locked until the transaction ends; as `lock_catalogue`."""
    return _locked(Proposal, proposal_id, None, tk._("There is no such proposal."))


def share_catalogue(catalogue_id: str) -> Catalogue:
    """Return an edition that nobody can issue or delete until the transaction ends."""
    query = (
        sa.select(Catalogue)
        .where(Catalogue.id == catalogue_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    edition = model.Session.scalar(query)
    if edition is None:
        raise tk.ObjectNotFound(tk._("There is no such catalogue."))
    return edition


def require_draft(edition: Catalogue) -> None:
    """Refuse to change an edition that is not a draft.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is proposed, issued or replaced.
    """
    if edition.state != DRAFT:
        message = tk._(
            "This catalogue is not a draft any more ({state}); start a new edition to change it."
        )
        raise invalid("state", message.format(state=state_in_words(edition.state)))


def state_in_words(state: str) -> str:
    """Return the state of an edition in the language of the request."""
    return vocabulary.label("catalogue-state", state, http.language()).lower()


def changed(row: Catalogue | Item | Line, user_id: str) -> None:
    """Note that an account changes a locked row."""
    row.version += 1
    row.changed_by = user_id
    row.modified = now()


def invalid(name: str, message: str) -> tk.ValidationError:
    """Return the error about a field."""
    return tk.ValidationError({name: [message]})


def _locked(table: Any, row_id: str, version: int | None, missing: str) -> Any:
    query = (
        sa.select(table)
        .where(table.id == row_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = model.Session.scalar(query)
    if row is None:
        raise tk.ObjectNotFound(missing)
    _check_version(row, version)
    return row


def _check_version(row: Catalogue | Item | Line, version: int | None) -> None:
    if version is not None and row.version != version:
        refuse_outdated(row)


def refuse_outdated(row: Catalogue | Item | Line) -> NoReturn:
    """Say who changed a row since somebody looked at it.

    Raises:
        ckan.plugins.toolkit.ValidationError: always; the API answers 409.
    """
    user = model.User.get(row.changed_by) if row.changed_by else None
    message = tk._(
        "{account} changed this at {moment}, after you opened it. Nothing of yours was saved: open"
        " it again and repeat your change."
    )
    who = (user.fullname or user.name) if user else tk._("Somebody else")
    moment = moment_in_words(row.modified)
    model.Session.rollback()
    raise invalid(VERSION, message.format(account=who, moment=moment))
