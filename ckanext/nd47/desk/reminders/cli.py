"""Command `ckan nd47 remind`."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import click

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.reminders import compose, delivery, mailing, model, tasks
from ckanext.nd47.desk.reminders.recipients import Letter
from ckanext.nd47.lib.calendar import dates, working_days
from ckanext.nd47.lib.database.migrated_table import COMMAND
from ckanext.nd47.lib.vocabularies import vocabulary


@click.command("remind", short_help="Send the reminders that are due.")
@click.option("--dry-run", is_flag=True, help="Only print who would get what.")
@click.option("--show", is_flag=True, help="With --dry-run: print the messages too.")
@click.option("--date", help="Another day than today, as 2027-01-31 or 31/01/2027.")
@click.option("--background", is_flag=True, help="Let a background worker send them.")
def remind(*, dry_run: bool, show: bool, date: str | None, background: bool) -> None:
    """Send the reminders that are due; to be run several times on each day.

    The command can be interrupted and repeated: nobody gets two messages for a day, and what the
    mail server does not take is sent by a later run.
    """
    if not model.ready():
        message = f"The reminders have no tables yet: run {COMMAND}"
        raise click.ClickException(message)
    day = _day(date)
    for word in working_days.problems():
        click.echo(f"{word} in the options of days off and working days is no day.", err=True)
    if dry_run:
        _print(day, show=show)
        return
    if not delivery.is_possible():
        message = "There is no mail server: set smtp.server, and smtp.mail_from"
        raise click.ClickException(message)
    if background:
        tk.enqueue_job(tasks.remind, title="nd47: reminders")
        click.echo("A background worker sends the reminders.")
        return
    outcome = mailing.run(day)
    if outcome["day_off"]:
        click.echo(f"{day.isoformat()} is a day off: nothing is sent.")
        return
    click.echo(
        f"{outcome['sent']} sent, {outcome['waiting']} to be sent later, "
        f"{outcome['failed']} refused, {outcome['unknown']} of which nobody knows."
    )


def _day(written: str | None) -> dt.date:
    try:
        return dates.parse(written) if written else dates.today()
    except ValueError as error:
        message = f"{written} is no day"
        raise click.BadParameter(message, param_hint="--date") from error


def _print(day: dt.date, *, show: bool) -> None:
    if not working_days.is_working_day(day):
        click.echo(f"{day.isoformat()} is a day off: nothing is sent.")
    with dates.on(day), vocabulary.preloaded(), directory.preloaded():
        letters = mailing.due(day)
        for letter in letters:
            click.echo(_described(letter))
            if show:
                message = compose.compose(letter, "dry-run")
                click.echo(f"\nSubject: {message.subject}\n\n{message.text}")
    click.echo(f"{len(letters)} messages.")


def _described(letter: Letter) -> str:
    account = letter.account
    own = Counter(thing.kind for thing in letter.own)
    late = Counter(thing.kind for thing in letter.late)
    facts = [f"{kind} {number}" for kind, number in own.items()]
    facts += [f"{kind} {number} (left undone)" for kind, number in late.items()]
    return f"{account.name} <{account.email}> {letter.language}: {', '.join(facts)}"
