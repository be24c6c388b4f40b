"""Command `ckan nd47 catalogue take-over`."""

from __future__ import annotations

import click

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.matching.take_over import proposal, service
from ckanext.nd47.lib import config

MOST_SHOWN = 10


@click.command("take-over", short_help="Take over what datasets say about catalogues.")
@click.option("--apply", "applies", is_flag=True, help="Write; without it, only show.")
@click.option("--agency", default="", help="Agency of new catalogues: name, id or code.")
@click.option("--undo", "run", default="", help="Number of a run to undo.")
def take_over(applies: bool, agency: str, run: str) -> None:
    """Make catalogues and items of the field `catalogue_entry` of datasets.

    Datasets that name the same decision are of one catalogue; it is a draft, since the portal does
    not know whether the list is complete. The fields of the datasets stay as they are.
    """
    if run:
        count = service.undo(run)
        if not count:
            message = f"There is no run {run}."
            raise click.ClickException(message)
        click.echo(f"Undone in {count} catalogues.")
        return
    proposed = proposal.read()
    _print(proposed)
    if not proposed or not applies:
        click.echo("Nothing was written." if proposed else "Nothing to take over.")
        return
    agency_id = _agency(agency)
    run = service.apply(proposed, agency_id)
    click.echo(f"Written. To undo: ckan nd47 catalogue take-over --undo {run}")


def _print(proposed: list[proposal.ProposedCatalogue]) -> None:
    for catalogue in proposed:
        place = catalogue.name or "new draft"
        datasets = sum(len(item.datasets) for item in catalogue.items.values())
        click.echo(
            f"{catalogue.number} ({place}): {len(catalogue.new_items)} new items,"
            f" {datasets} datasets to link"
        )
        for title in catalogue.left[:MOST_SHOWN]:
            click.echo(f"  not in the issued catalogue: {title}")
        if len(catalogue.left) > MOST_SHOWN:
            click.echo(f"  … and {len(catalogue.left) - MOST_SHOWN} more")


def _agency(reference: str) -> str:
    """Return the agency of new catalogues, by default the top of the tree of agencies."""
    if reference:
        agency = directory.get(reference) or directory.by_code(reference)
    else:
        agency = directory.top_agency(config.compiling_agency())
    if agency is None:
        message = "Name the agency of new catalogues: --agency NAME"
        raise click.ClickException(message)
    return agency.id
