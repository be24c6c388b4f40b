"""Commands `ckan nd47 files …`."""

from __future__ import annotations

import click

from ckan import model

from ckanext.nd47.lib.migrated_table import COMMAND
from ckanext.nd47.tables import jobs, requests
from ckanext.nd47.tables import model as tables


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
        for resource_id in bar:
            jobs.run(resource_id)
    click.echo(f"{len(resource_ids)} files checked.")
