"""Commands `ckan nd47 bulk …`."""

from __future__ import annotations

import click

from ckanext.nd47.desk.bulk import changes, model
from ckanext.nd47.lib.database.migrated_table import COMMAND


@click.group("bulk", short_help="Changes of many datasets.")
def bulk_commands() -> None:
    """Continue changes of many datasets whose job was killed."""
    if not model.ready():
        message = f"Changing many datasets has no tables yet: run {COMMAND}"
        raise click.ClickException(message)


@bulk_commands.command(short_help="Let interrupted changes go on.")
def resume() -> None:
    """Ask a worker to continue every change that is not finished and on which nobody works.

    The command can run every few minutes; a change on which a job is at work is left alone.
    """
    progress = changes.progress_of(changes.unfinished())
    stalled = [run_id for run_id, run_progress in progress.items() if run_progress["stalled"]]
    for run_id in stalled:
        changes.resume(run_id)
    click.echo(f"{len(stalled)} changes go on.")
