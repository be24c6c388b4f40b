"""The command `ckan nd47 views`."""

from __future__ import annotations

from collections import Counter

import click

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.tables.resource_views import defaults


@click.command("views", short_help="Give files on the portal the views that they lack.")
@click.option("--dry-run", is_flag=True, help="Only say what would be added.")
def views_command(dry_run: bool) -> None:  # noqa: FBT001 - an option
    """Add the views of `ckan.views.default_views` to the files that lack them.

    It can be interrupted and repeated.
    """
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    counts: Counter[str] = Counter()
    datasets: dict[str, dict[str, object]] = {}
    for resource_id, dataset_id in list(defaults.resources()):
        context = Context(user=user, ignore_auth=True)
        if dataset_id not in datasets:
            datasets = {dataset_id: tk.get_action("package_show")(context, {"id": dataset_id})}
        dataset = datasets[dataset_id]
        resources: list[dict[str, object]] = dataset["resources"]  # type: ignore[assignment]
        resource = next(
            (candidate for candidate in resources if candidate["id"] == resource_id), None
        )
        if resource is None:
            continue
        existing = tk.get_action("resource_view_list")(context, {"id": resource_id})
        wanted = defaults.missing(resource, dataset, {view["view_type"] for view in existing})
        counts.update(wanted)
        if wanted and not dry_run:
            defaults.add(context, resource, dataset, wanted)
        model.Session.expunge_all()
    for name, count in counts.items():
        click.echo(f"{name}: {count}")
    click.echo("Nothing was changed." if dry_run else f"{sum(counts.values())} views added.")
