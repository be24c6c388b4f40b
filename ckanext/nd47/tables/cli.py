"""Commands `ckan nd47 files …`."""

from __future__ import annotations

import click

from ckan import model

from ckanext.nd47.lib.database.migrated_table import COMMAND
from ckanext.nd47.tables.check_jobs import jobs, queue, requests
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.datastore.loading import retype as loading
from ckanext.nd47.tables.datastore.loading import store
from ckanext.nd47.tables.links import model as links
from ckanext.nd47.tables.links import run, uses

MOST_LINKS = 5000
"""Links that one call asks, unless it is told otherwise."""


@click.group("files", short_help="Checks of the files.")
def files_commands() -> None:
    """Check files without the background job."""
    if not tables.ready():
        message = f"The checks of files have no table yet: run {COMMAND}"
        raise click.ClickException(message)


@files_commands.command(short_help="Check the files that wait, and those never checked.")
@click.option("--waiting", is_flag=True, help="Only files whose job was lost.")
def check(waiting: bool) -> None:  # noqa: FBT001 - an option
    """Check files; needed after the installation on a portal with files.

    The command can be interrupted and repeated, and the portal can be used while it runs.
    """
    if not waiting:
        requests.ask(jobs.unchecked())
        model.Session.commit()
    stderr = click.get_text_stream("stderr")
    resource_ids = jobs.waiting_ids()
    with click.progressbar(resource_ids, label="files", show_pos=True, file=stderr) as bar:
        failed = [resource_id for resource_id in bar if not queue.check(resource_id)]
    click.echo(f"{len(resource_ids) - len(failed)} files checked.")
    if failed:
        message = f"{len(failed)} files could not be checked, the log says why: {', '.join(failed)}"
        raise click.ClickException(message)


@click.group("tables", short_help="Tables in the DataStore, and links of files.")
def tables_commands() -> None:
    """Load tables with the types that their values have, and check links."""


@tables_commands.command(short_help="Give loaded tables the types of their files.")
@click.argument("references", nargs=-1, metavar="[DATASET OR FILE]...")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def retype(references: tuple[str, ...], dry_run: bool) -> None:  # noqa: FBT001 - an option
    """Load tables again that were loaded as text; those with their types are left as they are.

    The command can be interrupted and repeated, and the portal can be used while it runs.
    """
    if not tables.ready():
        message = f"The checks of files have no table yet: run {COMMAND}"
        raise click.ClickException(message)
    if not store.is_available():
        message = "There is no DataStore: add `datastore` to ckan.plugins"
        raise click.ClickException(message)
    due = loading.due(references)
    outcomes = loading.rehearse(due) if dry_run else loading.run(due)
    changed = 0
    for outcome in outcomes:
        changed += bool(outcome.changes)
        click.echo(f"{outcome.dataset}: {outcome.resource}")
        for change in outcome.changes:
            before, after = change.before or "(none)", change.after or "(none)"
            click.echo(f"  {change.column}: {before} -> {after}")
        if outcome.problem:
            click.echo(f"  unchanged: {outcome.problem}")
    verb = "would change" if dry_run else "changed"
    click.echo(f"{changed} of {len(due)} tables {verb}.")


@tables_commands.command("check-links", short_help="Ask whether links still answer.")
@click.option(
    "--most",
    default=MOST_LINKS,
    show_default=True,
    type=click.IntRange(min=1),
    help="Links that are asked at most.",
)
def check_links(most: int) -> None:
    """Ask the links of files and pages that are due; run it each day.

    The command can be interrupted and repeated, and run on several servers at once.
    """
    if not links.ready():
        message = f"The check of links has no tables yet: run {COMMAND}"
        raise click.ClickException(message)
    datasets = uses.collect()
    asked = run.check(most)
    click.echo(f"{datasets} datasets, {asked} links asked, {run.due()} still due.")
