"""The command `ckan nd47 publish-scheduled`."""

from __future__ import annotations

import click

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.approval import model, publication, tasks
from ckanext.nd47.lib.database.migrated_table import COMMAND


@click.command("publish-scheduled", short_help="Publish the datasets whose moment has come.")
@click.option("--job", is_flag=True, help="Let a background worker do it.")
def publish_scheduled(job: bool) -> None:
    """Publish the datasets whose moment has come; to be run each minute.

    The command can be interrupted and repeated, and run on several servers at once.
    """
    if not model.ready():
        message = f"The approval has no tables yet: run {COMMAND}"
        raise click.ClickException(message)
    if job:
        tk.enqueue_job(tasks.publish_due)
        return
    published, refused = publication.publish_due()
    click.echo(f"{published} datasets published, {refused} refused.")
