"""What accounts want to be reminded of, and in which language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import i18n

from ckanext.nd47.desk.reminders.model import ReminderChoice
from ckanext.nd47.desk.work_list.kinds import used
from ckanext.nd47.lib import config


class Choice(TypedDict):
    """What an account wants; `language` is empty for that of the portal."""

    language: str
    kinds_off: list[str]
    all_off: bool


def codes() -> list[str]:
    """Return the kinds that the portal reminds of, in their order."""
    off = config.reminder_kinds_off()
    return [code for code in used() if code not in off]


def kinds() -> dict[str, str]:
    """Return the titles of the same kinds, in the language of the request."""
    return {code: kind.title() for code, kind in used().items() if code in codes()}


def languages() -> dict[str, str]:
    """Return the languages that the portal has, with their own names."""
    offered = i18n.get_locales_dict()
    return {
        code: str(locale.display_name or code) if locale else code
        for code, locale in offered.items()
    }


def language(chosen: str) -> str:
    """Return the language of the messages of an account that has chosen this one, or none."""
    return chosen if chosen in i18n.get_locales() else str(tk.config["ckan.locale_default"])


def all_choices() -> Mapping[str, Choice]:
    """Return the choices of all accounts that made any, in one statement."""
    rows = model.Session.execute(
        sa.select(
            ReminderChoice.user_id,
            ReminderChoice.language,
            ReminderChoice.kinds_off,
            ReminderChoice.all_off,
        )
    )
    return {row.user_id: _choice(row.language, row.kinds_off, row.all_off) for row in rows}


def of(user_id: str) -> Choice:
    """Return the choice of an account."""
    row = model.Session.get(ReminderChoice, user_id)
    return _choice(row.language, row.kinds_off, row.all_off) if row else _choice("", [], False)


def save(user_id: str, choice: Choice) -> None:
    """Store the choice of an account in place of the one before."""
    statement = insert(ReminderChoice).values(user_id=user_id, **choice)
    model.Session.execute(
        statement.on_conflict_do_update(index_elements=["user_id"], set_={**choice})
    )


def unsubscribe(user_id: str, kinds_off: Collection[str]) -> None:
    """Remind an account no more of some kinds, or of nothing if none is named."""
    statement = insert(ReminderChoice).values(
        user_id=user_id, kinds_off=sorted(kinds_off), all_off=not kinds_off
    )
    # Of two at the same time neither undoes the other.
    before, more = ReminderChoice.__table__.c.kinds_off, statement.excluded.kinds_off
    model.Session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id"],
            set_={
                "kinds_off": sa.case((before.contains(more), before), else_=before.concat(more)),
                "all_off": sa.or_(ReminderChoice.__table__.c.all_off, statement.excluded.all_off),
            },
        )
    )


def wants(choice: Choice | None, kind: str) -> bool:
    """Return whether an account with this choice is reminded of a kind."""
    return choice is None or not (choice["all_off"] or kind in choice["kinds_off"])


def _choice(language_code: str, kinds_off: Collection[str], all_off: bool) -> Choice:  # noqa: FBT001
    return {"language": language_code, "kinds_off": sorted(set(kinds_off)), "all_off": all_off}
