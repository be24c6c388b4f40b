"""`ckan nd47 dcat …`: the store of the export."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ckanext.nd47.agencies import migrated
from ckanext.nd47.dcat import dump as dumping
from ckanext.nd47.dcat import rehearse as rehearsing
from ckanext.nd47.dcat import shapes as own_shapes
from ckanext.nd47.dcat.store import left_out, maintenance

_SHOWN = 20
"""Names that a list shows; the count says how many there are."""


@click.group("dcat", short_help="The DCAT export.")
def dcat_commands() -> None:
    """Fill, check and watch the store that the DCAT export is served from."""
    if not migrated.ready():
        message = f"The DCAT export has no tables yet: run {migrated.COMMAND}"
        raise click.ClickException(message)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far the work is, beside the result; on a terminal as a bar that is redrawn."""
    beside = click.get_text_stream("stderr")
    with click.progressbar(length=0, label=label, show_pos=True, file=beside) as bar:

        def show(done: int, whole: int) -> None:
            bar.length = whole
            bar.update(done - bar.pos)

        yield show


@dcat_commands.command(short_help="Write every dataset again.")
@click.option("--stale", is_flag=True, help="Only what is missing, or older than its sources.")
def rebuild(stale: bool) -> None:
    """Write every public dataset again; addresses, places and change numbers stay.

    Needed once after the installation on a portal that has datasets, and after an upgrade. May be
    interrupted and repeated; the portal goes on meanwhile.
    """
    with _progress("datasets") as show:
        count = maintenance.refresh(show) if stale else maintenance.rebuild(show)
    _renew_dump()
    click.echo(f"{count} datasets written.")


def _renew_dump() -> None:
    """Write a dump of other settings again: it has the addresses that the portal had then."""
    try:
        if dumping.is_outdated():
            dumping.write()
    except OSError as error:
        raise click.ClickException(str(error)) from error


@dcat_commands.command(short_help="Compare the store with the portal.")
@click.option("--repair", is_flag=True, help="Remove every difference.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")
def check(repair: bool, as_json: bool) -> None:
    """Say where the store differs from the portal, and which values could not be exported.

    Lists the fields that no property of the export stands for, with the number of datasets too.
    Ends with 1 where the store differs, or a dataset cannot be exported at all.
    """
    with _progress("datasets") as show:
        if repair:
            maintenance.repair(show)
            _renew_dump()
    found = maintenance.check()
    lost = list(maintenance.losses())
    fields = left_out.fields()
    if as_json:
        entries = [
            {"dataset": name, "error": error, "problems": problems}
            for name, error, problems in lost
        ]
        told = {**vars(found), "losses": entries, "left_out": fields}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for field in fields:
            click.echo(f"{field['field']}: not exported, in {field['datasets']} datasets")
        _print_findings(found, lost, repaired=repair)
    if not found.sound or found.broken:
        raise SystemExit(1)


def _print_findings(
    found: maintenance.Findings,
    lost: list[tuple[str, str, list[dict[str, str]]]],
    *,
    repaired: bool,
) -> None:
    for label, ids in (
        ("not in the store", found.missing),
        ("in the store, but no longer public", found.left),
        ("older than the dataset, its agency or the settings", found.stale),
        ("agencies and contacts older than the register", found.outdated),
        ("cannot be exported", found.broken),
        ("addresses that the portal had before", found.moved),
    ):
        click.echo(f"{len(ids):>7}  {label}")
        for one in ids[:_SHOWN]:
            click.echo(f"         {one}")
    if not found.counted:
        click.echo("         the number of datasets is not as counted")
    for name, error, problems in lost:
        if error:
            click.echo(f"{name}: {error}")
        for one in problems:
            click.echo(f"{name}: {one['field']} left out, {one['reason']}: {one['value']!r}")
    if found.sound:
        click.echo("The store is sound.")
    elif repaired:
        click.echo("Not everything could be repaired, or datasets were changed meanwhile.")
    else:
        click.echo("Run: ckan nd47 dcat check --repair")


@dcat_commands.command(short_help="Show how much the store holds.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")
def stats(as_json: bool) -> None:
    """Show how many datasets, agencies and changes the store holds, and how large it is."""
    found = maintenance.stats()
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        click.echo(f"{name:<14}  {value}")


@dcat_commands.command(short_help="Write the whole catalogue to files.")
@click.option("--always", is_flag=True, help="Also where nothing changed since the last time.")
def dump(always: bool) -> None:
    """Write the files of /catalog/dump.*, where something changed; for cron."""
    try:
        made = dumping.write(always=always)
    except OSError as error:
        raise click.ClickException(str(error)) from error
    if made is None:
        click.echo("Nothing changed since the last dump, or another process writes one.")
        return
    for one in made["files"].values():
        click.echo(f"{one['size']:>12}  {one['name']}")
    click.echo(f"{made['count']} datasets.")


@dcat_commands.command(short_help="Harvest the own catalogue as the national portal would.")
@click.option("--profile", "profiles", multiple=True, help="Profile of the harvesting portal.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")
@click.pass_context
def rehearse(ctx: click.Context, profiles: tuple[str, ...], as_json: bool) -> None:
    """Say what a harvest would create, update, delete and reject, and which fields it would lose.

    Created, updated and deleted are counted from the last rehearsal. Ends with 1 where a dataset
    would be rejected, is missing or comes twice.
    """
    chosen = profiles or rehearsing.PROFILES
    try:
        report = rehearsing.run(ctx.meta["flask_app"], chosen, lambda _count: None)
    except RuntimeError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(vars(report), ensure_ascii=False, indent=2))
    else:
        _print_rehearsal(report)
    if report.failed:
        raise SystemExit(1)


def _print_rehearsal(report: rehearsing.Report) -> None:
    for label in ("created", "updated", "deleted", "rejected", "missing", "repeated"):
        found = getattr(report, label)
        click.echo(f"{len(found):>7}  {label}")
        for one in list(found)[:_SHOWN]:
            reason = f": {report.rejected[one]}" if label == "rejected" else ""
            click.echo(f"         {one}{reason}")
    for name, count in sorted(report.lost.items()):
        click.echo(f"lost: {name} of {count} in {report.present[name]}")


@dcat_commands.command(short_help="Write the rules as SHACL shapes.")
def shapes() -> None:
    """Write the rules of Decree 47/2020 as SHACL, with the addresses of this portal, as Turtle."""
    click.echo(own_shapes.turtle(), nl=False)
