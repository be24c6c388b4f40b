"""`ckan nd47 personal-data …`: removes personal data from stored copies."""

from __future__ import annotations

import datetime as dt

import click

from ckan import model

from ckanext.nd47.agencies import history, migrated
from ckanext.nd47.metadata.pages import activity


@click.group("personal-data", short_help="What is stored of persons, and for how long.")
def personal_data_commands() -> None:
    """Remove from stored copies what tells who somebody was."""


@personal_data_commands.command(short_help="Clean the activity stream and the register's history.")
@click.option(
    "--history-days",
    type=click.IntRange(min=1),
    help="Hide names, numbers and mailboxes in entries of the history older than this.",
)
def clean(history_days: int | None) -> None:
    """Clean what older releases stored, and the history of focal points that were deleted.

    Run it once after an upgrade, and from cron where the history is to forget after some days. The
    search index is cleaned by `ckan search-index rebuild`.
    """
    click.echo(f"{activity.clean_stored_entries()} entries of the activity stream cleaned.")
    if not migrated.ready():
        return
    session = model.Session()
    count = history.hide_persons(history.about_deleted(), session)
    if history_days:
        limit = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=history_days)
        count += history.hide_persons(history.older_than(limit), session)
    model.Session.commit()
    click.echo(f"{count} entries of the register's history cleaned.")
