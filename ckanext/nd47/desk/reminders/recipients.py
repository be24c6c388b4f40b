"""Who is reminded of what on a day, in a constant number of statements for all accounts.

Those who are to do it are told first: the accounts that edit the datasets of the agency, and
for what concerns the agency itself those that administer it. What has waited for some working days
is brought to the leader of the agency, or of the nearest one above it that has one, and later to
the compiling agency. Where an agency has no account that could do it, the next in this row is told
at once. What is not published yet stays with those who edit it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.model import Agency
from ckanext.nd47.desk import scope
from ckanext.nd47.desk.reminders import choices
from ckanext.nd47.desk.reminders.model import SENT, Reminder
from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.work_list import listing
from ckanext.nd47.desk.work_list.kinds import known
from ckanext.nd47.desk.work_list.kinds.kind import Thing
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import working_days
from ckanext.nd47.lib.fields.contact_values import ADDRESS, ADDRESS_LENGTH


@dataclass(frozen=True)
class Account:
    """An active account with a mailbox and a role in an agency."""

    id: str
    name: str
    title: str
    email: str
    scope: Scope


@dataclass(frozen=True)
class Letter:
    """What an account is reminded of.

    Attributes:
        account: whom it goes to.
        language: code of its language.
        own: what the account itself is to do, the most urgent first.
        late: what others have left undone for too long.
    """

    account: Account
    language: str
    own: list[Thing] = field(default_factory=list)
    late: list[Thing] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """The keys of all things in it."""
        return [key(thing) for thing in (*self.own, *self.late)]


def key(thing: Thing) -> str:
    """Return what tells a thing from all others, in 16 characters."""
    parts = (thing.kind, thing.dataset_id, thing.agency_id, thing.day, thing.detail)
    return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def letters(day: dt.date) -> list[Letter]:
    """Return the letters of all accounts that something waits for, in the order of their ids."""
    accounts, wanted = _accounts(), choices.all_choices()
    recipients = _Recipients(accounts.values())
    last = day + dt.timedelta(days=config.reminder_notice_days())
    things = [
        thing
        for thing in listing.all_things(choices.codes())
        if thing.agency_id and (thing.day is None or thing.day <= last)
    ]
    told = _first_told([key(thing) for thing in things if thing.day is None])
    made: dict[str, Letter] = {}
    leader_day = working_days.before(day, config.reminder_leader_days())
    compiler_day = working_days.before(day, config.reminder_compiler_days())
    for thing in things:
        since = thing.day or told.get(key(thing), day)
        own, late = recipients.of(thing, leader=since <= leader_day, compiler=since <= compiler_day)
        for account_id in (*own, *late):
            choice = wanted.get(account_id)
            if not choices.wants(choice, thing.kind):
                continue
            if account_id not in made:
                language = choices.language(choice["language"] if choice else "")
                made[account_id] = Letter(accounts[account_id], language)
            (made[account_id].own if account_id in own else made[account_id].late).append(thing)
    return [made[account_id] for account_id in sorted(made)]


class _Recipients:
    """The accounts by agency and by what they do there."""

    def __init__(self, accounts: Collection[Account]) -> None:
        self._ids = {account.id for account in accounts}
        self._kinds = known()
        self._doers = {
            code: kind.doers()
            for code, kind in self._kinds.items()
            if kind.doers and kind.is_used()
        }
        self._editors: defaultdict[str, set[str]] = defaultdict(set)
        self._administrators: defaultdict[str, set[str]] = defaultdict(set)
        self._leaders: defaultdict[str, set[str]] = defaultdict(set)
        for account in accounts:
            for held, by_agency in (
                (account.scope.edits, self._editors),
                (account.scope.administers, self._administrators),
                (account.scope.leads, self._leaders),
            ):
                for agency_id in held:
                    by_agency[agency_id].add(account.id)
        self._above = _above()
        self._nearest: dict[str, set[str]] = {}
        self._compilers = self._of_compiling_agency()

    def of(self, thing: Thing, *, leader: bool, compiler: bool) -> tuple[set[str], set[str]]:
        """Return the accounts that are to do a thing, and those that are told that it waits.

        Args:
            thing: a thing of an agency.
            leader: whether it has waited long enough for the leader.
            compiler: whether it has waited long enough for the compiling agency.
        """
        agency_id = thing.agency_id or ""
        own = self._editors[agency_id]
        if thing.dataset_id is None:
            own = self._administrators[agency_id] or own
        if thing.kind in self._doers:
            own = self._doers[thing.kind](thing) & self._ids
        if self._kinds[thing.kind].unpublished:
            return own, set()
        leaders = self._leaders_of(agency_id) if leader or not own else set[str]()
        late = set(leaders)
        if compiler or not (own or leaders):
            late |= self._compilers
        return own, late - own

    def _leaders_of(self, agency_id: str) -> set[str]:
        """Return the leaders of the nearest agency that has any, itself included."""
        if agency_id not in self._nearest:
            level, seen = [agency_id], {agency_id}
            leaders = set[str]()
            while level and not leaders:
                leaders = set[str]().union(*(self._leaders[org_id] for org_id in level))
                level = [
                    above for org_id in level for above in self._above[org_id] if above not in seen
                ]
                seen.update(level)
            self._nearest[agency_id] = leaders
        return self._nearest[agency_id]

    def _of_compiling_agency(self) -> set[str]:
        reference = config.compiling_agency()
        agency = directory.get(reference) or directory.by_code(reference)
        if agency is None:
            return set()
        heads = self._administrators[agency.id] | self._leaders[agency.id]
        return heads or self._editors[agency.id]


def _accounts() -> dict[str, Account]:
    """Return by id the accounts that can be reminded, in two statements."""
    scopes = scope.of_all()
    user = model.User
    rows = model.Session.execute(
        sa.select(user.id, user.name, user.fullname, user.email).where(
            user.state == model.State.ACTIVE, user.email != ""
        )
    )
    return {
        row.id: Account(row.id, row.name, row.fullname or row.name, row.email, scopes[row.id])
        for row in rows
        if row.id in scopes and _is_mailbox(row.email)
    }


def _is_mailbox(email: str) -> bool:
    """Return whether a text is one address, which no header or list can be made of."""
    return len(email) <= ADDRESS_LENGTH and ADDRESS.fullmatch(email) is not None


def _above() -> Mapping[str, list[str]]:
    """Return by agency the one above it and the one that succeeded it."""
    above: defaultdict[str, list[str]] = defaultdict(list)
    query = sa.select(Agency.id, Agency.parent_id, Agency.successor_id)
    for agency_id, *others in model.Session.execute(query):
        above[agency_id] = [other for other in others if other]
    return above


def _first_told(keys: Collection[str]) -> Mapping[str, dt.date]:
    """Return since when accounts have been told of things that have no day of their own."""
    if not keys:
        return {}
    told = sa.select(
        sa.func.unnest(Reminder.things).label("thing"), Reminder.period.label("period")
    ).where(Reminder.state == SENT)
    rows = told.subquery()
    query = (
        sa.select(rows.c.thing, sa.func.min(rows.c.period))
        .where(rows.c.thing.in_(keys))
        .group_by(rows.c.thing)
    )
    return dict(model.Session.execute(query).tuples().all())
