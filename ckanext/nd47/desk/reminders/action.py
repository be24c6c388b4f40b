"""Actions of the reminders."""

from __future__ import annotations

from typing import TypedDict

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.desk.reminders import choices, links, schema
from ckanext.nd47.desk.reminders import model as tables
from ckanext.nd47.desk.reminders.choices import Choice

__all__ = [
    "nd47_reminder_choice_show",
    "nd47_reminder_choice_update",
    "nd47_reminder_link_show",
    "nd47_reminder_unsubscribe",
]


class LinkDict(TypedDict):
    """What a link is about: `kind` is empty for all; `off` tells whether it was used."""

    kind: str
    off: bool


@tk.side_effect_free
def nd47_reminder_choice_show(context: Context, data_dict: DataDict) -> Choice:
    """Return what the account is reminded of by e-mail.

    :returns: `language` of the messages, empty for that of the portal; `kinds_off`, the kinds of
        work that the account is not reminded of; `all_off`, whether it is reminded of nothing
    :rtype: dictionary
    """
    tk.check_access("nd47_reminder_choice_show", context, data_dict)
    tables.require()
    return choices.of(_account(context).id)


def nd47_reminder_choice_update(context: Context, data_dict: DataDict) -> Choice:
    """Choose what the account is reminded of by e-mail; what is not given stays as it is.

    :param language: code of the language of the messages, empty for that of the portal (optional)
    :type language: string
    :param kinds_off: kinds of work that the account is not reminded of (optional)
    :type kinds_off: list of strings
    :param all_off: whether it is reminded of nothing (optional)
    :type all_off: boolean

    :returns: the choice, as `nd47_reminder_choice_show` returns it
    :rtype: dictionary
    """
    tk.check_access("nd47_reminder_choice_update", context, data_dict)
    tables.require()
    account = _account(context)
    choice = schema.choice(data_dict, choices.of(account.id))
    choices.save(account.id, choice)
    _commit(context)
    return choice


@tk.side_effect_free
def nd47_reminder_link_show(context: Context, data_dict: DataDict) -> LinkDict:
    """Return what the link of a message is about.

    :param token: the last part of the link
    :type token: string

    :returns: `kind`, empty for all, and `off`, whether the account is not reminded of it any more
    :rtype: dictionary
    """
    tk.check_access("nd47_reminder_link_show", context, data_dict)
    tables.require()
    return _shown(_link(data_dict))


def nd47_reminder_unsubscribe(context: Context, data_dict: DataDict) -> LinkDict:
    """Remind the account of a message no more, of a kind or of anything, as its link says.

    :param token: the last part of the link
    :type token: string

    :returns: what the link is about, as `nd47_reminder_link_show` returns it
    :rtype: dictionary
    """
    tk.check_access("nd47_reminder_unsubscribe", context, data_dict)
    tables.require()
    link = _link(data_dict)
    choices.unsubscribe(link.user_id, [link.kind] if link.kind else [])
    _commit(context)
    return _shown(link)


def _shown(link: links.Link) -> LinkDict:
    choice = choices.of(link.user_id)
    off = choice["all_off"] or (bool(link.kind) and link.kind in choice["kinds_off"])
    return {"kind": link.kind, "off": off}


def _link(data_dict: DataDict) -> links.Link:
    link = schema.link(data_dict)
    user = model.User.get(link.user_id)
    if user is None or user.state != model.State.ACTIVE:
        raise tk.ObjectNotFound(tk._("There is no such account."))
    return link


def _account(context: Context) -> model.User:
    user = model.User.get(context.get("user") or "")
    if user is None:
        raise tk.NotAuthorized(tk._("Log in to choose what you are reminded of."))
    return user


def _commit(context: Context) -> None:
    if not context.get("defer_commit"):
        model.Session.commit()
