"""Commands `ckan nd47 report …`."""

from __future__ import annotations

from pathlib import Path

import click
from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue.reports import mailing
from ckanext.nd47.catalogue.reports.data import period as periods
from ckanext.nd47.catalogue.reports.data import snapshot
from ckanext.nd47.catalogue.reports.files import evidence as packing
from ckanext.nd47.catalogue.reports.score import store
from ckanext.nd47.catalogue.reports.usage import flush, model
from ckanext.nd47.desk.reminders import delivery
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.database.migrated_table import COMMAND
from ckanext.nd47.lib.language import speaking


@click.group("report", short_help="Monthly figures, messages and evidence.")
def report_commands() -> None:
    """Store the figures of each month, send reports and pack evidence."""
    if not model.ready():
        message = f"The reports have no tables yet: run {COMMAND}"
        raise click.ClickException(message)


@report_commands.command(short_help="Store the figures of this month; close months.")
@click.option("--again", is_flag=True, help="Also if they were stored today already.")
def take(again: bool) -> None:  # noqa: FBT001 - an option
    """Store what is so today as what is so this month, and close months; to be run each day.

    The command writes the counted views first and measures the datasets. It can be interrupted and
    repeated, also on several nodes at once. Run `ckan nd47 work refresh` before it.
    """
    try:
        flush.flush()
    except RedisError as error:
        # The numbers stay in Redis, but a month may not be closed without them.
        message = f"Redis does not answer: {type(error).__name__}"
        raise click.ClickException(message) from error
    measured = store.refresh()
    done = snapshot.take(dates.today(), again=again)
    click.echo(f"{measured} datasets measured.")
    words = "stored" if done["taken"] else "was stored today already"
    click.echo(f"{done['month']} {words}.")
    for month in done["closed"]:
        click.echo(f"{month} closed.")


@report_commands.command(short_help="Send the report of the month before.")
def mail() -> None:
    """Send the report of the month before, once to each account; to be run each day."""
    if not delivery.is_possible():
        message = "There is no mail server: set smtp.server, and smtp.mail_from"
        raise click.ClickException(message)
    outcome = mailing.run(dates.today())
    if not outcome["month"]:
        click.echo("No report is due today.")
        return
    click.echo(
        f"{outcome['month']}: {outcome['sent']} sent, {outcome['waiting']} to be sent later, "
        f"{outcome['failed']} refused, {outcome['unknown']} of which nobody knows."
    )


@report_commands.command(short_help="Pack the evidence for a self-assessment.")
@click.option("--period", default="", help="A month, a quarter or a year; default: this month.")
@click.option("--datasets", default=packing.MOST_DATASETS, help="Pages of datasets to copy.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def evidence(*, period: str, datasets: int, file: Path) -> None:
    """Write figures, addresses, copies of pages and checksums of a period to a ZIP file."""
    try:
        asked = periods.parse(period)
        with speaking.in_language(str(tk.config["ckan.locale_default"])):
            content = packing.pack(asked, datasets)
    except (tk.ValidationError, tk.ObjectNotFound) as error:
        raise click.ClickException(str(error)) from error
    file.write_bytes(content)
    click.echo(f"{file}: {len(content)} bytes.")
