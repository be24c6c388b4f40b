"""Puts a letter into words: subject, plain text and HTML, in the language of the account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.reminders import links
from ckanext.nd47.desk.reminders.delivery import Message
from ckanext.nd47.desk.reminders.recipients import Letter
from ckanext.nd47.desk.work_list.kinds import known
from ckanext.nd47.desk.work_list.kinds.kind import Thing, address
from ckanext.nd47.lib.language import speaking
from ckanext.nd47.lib.language.text import NO_TEXT
from ckanext.nd47.lib.web import portal_title

MOST_LINES = 10
"""Things of a kind that a message names; it leads to the others."""

LONGEST = 300
"""Characters of a title or a name in a message."""

TEMPLATE = "nd47_desk/reminders/mail.html"
WORK, CHOICES = "nd47_desk.index", "nd47_reminders.settings"


@dataclass(frozen=True)
class Line:
    """A thing in words; `agency` is empty where all things are of one agency."""

    title: str
    agency: str
    words: str
    label: str
    url: str


@dataclass(frozen=True)
class Section:
    """The things of a kind, the first of them in words.

    Attributes:
        title: name of the kind.
        count: number of things.
        lines: the first things.
        more: words and address that lead to the others; empty if all are there.
        unsubscribe: address at which the account is reminded of the kind no more.
    """

    title: str
    count: int
    lines: list[Line]
    more: tuple[str, str]
    unsubscribe: str


@dataclass(frozen=True)
class Part:
    """What the account is to do itself, or what others have left undone, with a heading."""

    title: str
    sections: list[Section]


def compose(letter: Letter, reminder_id: str) -> Message:
    """Return the message of a letter."""
    with speaking.in_language(letter.language):
        portal = _plain(portal_title.title())
        subject = _subject(letter, portal)
        unsubscribe = links.address(letter.account.id)
        values = {
            "lang": letter.language,
            "subject": subject,
            "portal": portal,
            "name": _plain(letter.account.title),
            "parts": list(_parts(letter)),
            "work": address(WORK),
            "choices": address(CHOICES),
            "unsubscribe": unsubscribe,
        }
        return Message(
            name=values["name"],
            email=letter.account.email,
            subject=subject,
            text=_text(values),
            html=tk.render(TEMPLATE, values),
            headers={
                # The same on every attempt: a message that came twice after all is known as one.
                "Message-ID": f"<nd47.{reminder_id}@{urlsplit(address(WORK)).hostname}>",
                "List-Unsubscribe": f"<{unsubscribe}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
                "Content-Language": letter.language,
            },
        )


def _subject(letter: Letter, portal: str) -> str:
    if letter.own:
        number = len(letter.own) + len(letter.late)
        words = tk.ungettext(
            "{portal}: {number} thing to do", "{portal}: {number} things to do", number
        )
    else:
        number = len(letter.late)
        words = tk.ungettext(
            "{portal}: {number} thing left undone for too long",
            "{portal}: {number} things left undone for too long",
            number,
        )
    return words.format(portal=portal, number=number)


def _parts(letter: Letter) -> Iterator[Part]:
    if letter.own:
        several = len({thing.agency_id for thing in letter.own}) > 1
        title = tk._("Waiting for you")
        yield Part(title, list(_sections(letter, letter.own, several=several)))
    if letter.late:
        title = tk._("Left undone for too long")
        yield Part(title, list(_sections(letter, letter.late, several=True)))


def _sections(letter: Letter, things: Sequence[Thing], *, several: bool) -> Iterator[Section]:
    kinds = known()
    places = {code: place for place, code in enumerate(kinds)}
    ordered = sorted(things, key=lambda thing: places[thing.kind])
    for kind, of_kind in groupby(ordered, key=lambda thing: thing.kind):
        group = list(of_kind)
        rest = len(group) - MOST_LINES
        more = tk.ungettext("{number} more", "{number} more", rest).format(number=rest)
        yield Section(
            title=kinds[kind].title(),
            count=len(group),
            lines=[_line(thing, letter, several=several) for thing in group[:MOST_LINES]],
            more=(more, address(WORK, kind=kind)) if rest > 0 else ("", ""),
            unsubscribe=links.address(letter.account.id, kind),
        )


def _line(thing: Thing, letter: Letter, *, several: bool) -> Line:
    words, label, url = known()[thing.kind].describe(thing, letter.account.scope)
    agency = directory.shown_title(thing.agency_id or "", thing.agency_title or "")
    title = thing.dataset_title or agency
    is_named = several and thing.dataset_id is not None
    return Line(_plain(title), _plain(agency) if is_named else "", _plain(words), label, url)


def _text(values: dict[str, Any]) -> str:
    """Return the message as plain text."""
    lines = [_greeting(values["name"]), ""]
    for part in values["parts"]:
        lines += [part.title.upper(), ""]
        for section in part.sections:
            lines += [f"{section.title} ({section.count})", ""]
            for line in section.lines:
                title = f"{line.title} ({line.agency})" if line.agency else line.title
                lines += [f"- {title}", f"  {line.words}", f"  {line.label}: {line.url}", ""]
            if section.more[0]:
                lines += [f"  {section.more[0]}: {section.more[1]}", ""]
            off = tk._("No more reminders of this kind")
            lines += [f"  {off}: {section.unsubscribe}", ""]
    lines += [
        f"{tk._('All that is to be done')}: {values['work']}",
        "",
        "-- ",
        tk._("{portal} sends this message by itself; nobody reads replies.").format(
            portal=values["portal"]
        ),
        f"{tk._('Choose what you are reminded of')}: {values['choices']}",
        f"{tk._('No more reminders at all')}: {values['unsubscribe']}",
    ]
    return "\n".join(lines) + "\n"


def _greeting(name: str) -> str:
    return tk._("Dear {name},").format(name=name)


def _plain(text: str) -> str:
    """Return a text in one line, which neither a header nor a line of the message ends in."""
    return " ".join(NO_TEXT.sub(" ", text[:LONGEST]).split())
