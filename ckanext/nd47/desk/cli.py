"""Commands `ckan nd47 work …`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ckanext.nd47.desk.work_list import model
from ckanext.nd47.desk.work_list.store import refresh as store
from ckanext.nd47.lib.database.migrated_table import COMMAND


@click.group("work", short_help="The work list.")
def work_commands() -> None:
    """Fill and refresh the table behind the work list."""
    if not model.ready():
        message = f"The work list has no table yet: run {COMMAND}"
        raise click.ClickException(message)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr, so that stdout contains only the result."""
    stderr = click.get_text_stream("stderr")
    with click.progressbar(length=0, label="datasets", show_pos=True, file=stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show


@work_commands.command(short_help="Examine every dataset again.")
def rebuild() -> None:
    """Examine every dataset; needed after the installation on a portal with datasets.

    The command can be interrupted and repeated, and the portal can be used while it runs.
    """
    with _progress() as show:
        count = store.rebuild(show)
    click.echo(f"{count} datasets examined.")


@work_commands.command(short_help="Examine what is missing or outdated.")
def refresh() -> None:
    """Examine datasets that are missing or outdated; to be run each day.

    Some rules depend on the day.
    """
    with _progress() as show:
        count = store.refresh(show)
    click.echo(f"{count} datasets examined.")
