"""Commands `ckan nd47 usage …`."""

from __future__ import annotations

import click
from redis.exceptions import RedisError

from ckanext.nd47.catalogue.reports.usage import flush as flushing
from ckanext.nd47.catalogue.reports.usage import model, tracking
from ckanext.nd47.lib.database.migrated_table import COMMAND


@click.group("usage", short_help="Views, downloads and API calls.")
def usage_commands() -> None:
    """Write what was counted to the database, and read in what CKAN has counted before."""
    if not model.ready():
        message = f"The counts have no tables yet: run {COMMAND}"
        raise click.ClickException(message)


@usage_commands.command(short_help="Write what was counted to the database.")
def flush() -> None:
    """Write what Redis has counted to the database; to be run each hour.

    The command can be interrupted and repeated, also on several nodes at once.
    """
    try:
        number = flushing.flush()
    except RedisError as error:
        message = f"Redis does not answer: {type(error).__name__}"
        raise click.ClickException(message) from error
    click.echo(f"{number} views, downloads and API calls written.")


@usage_commands.command("read-tracking", short_help="Read in what CKAN's tracking has counted.")
@click.option("--dry-run", is_flag=True, help="Only say what would be read.")
def read_tracking(*, dry_run: bool) -> None:
    """Read in the summary of CKAN's plugin `tracking`; it can be repeated.

    Run `ckan tracking update` before. Days that the suite has counted itself are left out.
    """
    if not tracking.exists():
        message = "The database has no table of CKAN's plugin tracking."
        raise click.ClickException(message)
    summary = tracking.read(dry_run=dry_run)
    verb = "would be read" if dry_run else "read"
    until = f" before {summary['until']}" if summary["until"] else ""
    click.echo(
        f"{summary['views']} views and {summary['downloads']} downloads of {summary['datasets']} "
        f"datasets on {summary['days']} days{until} {verb}."
    )
