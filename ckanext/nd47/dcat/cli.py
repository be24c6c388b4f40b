"""Commands `ckan nd47 dcat …`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ckanext.nd47.agencies import migrated
from ckanext.nd47.dcat import dump as dump_files
from ckanext.nd47.dcat import rehearse as rehearsal
from ckanext.nd47.dcat import shapes as shacl
from ckanext.nd47.dcat.store import left_out, maintenance
from ckanext.nd47.lib.database.migrated_table import COMMAND

_MAX_SHOWN = 20
"""Maximum number of names in a list."""


@click.group("dcat", short_help="The DCAT export.")
def dcat_commands() -> None:
    """Fill, check and watch the store that the DCAT export is served from."""
    if not migrated.ready():
        message = f"The DCAT export has no tables yet: run {COMMAND}"
        raise click.ClickException(message)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr, so that stdout contains only the result."""
    stderr = click.get_text_stream("stderr")
    with click.progressbar(length=0, label=label, show_pos=True, file=stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show


@dcat_commands.command(short_help="Write every dataset again.")
@click.option("--stale", is_flag=True, help="Only missing and outdated datasets.")
def rebuild(stale: bool) -> None:
    """Write every public dataset again; IRIs, order and change numbers do not change.

    Needed after the installation on a portal with datasets, and after an upgrade. The command can
    be interrupted and repeated, and the portal can be used while it runs.
    """
    with _progress("datasets") as show:
        count = maintenance.refresh(show) if stale else maintenance.rebuild(show)
    _refresh_dump()
    click.echo(f"{count} datasets written.")


def _refresh_dump() -> None:
    """Write the dump again if it was written with other settings, such as other addresses."""
    try:
        if dump_files.is_outdated():
            dump_files.write()
    except OSError as error:
        raise click.ClickException(str(error)) from error


@dcat_commands.command(short_help="Compare the store with the portal.")
@click.option("--repair", is_flag=True, help="Repair every difference.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")
def check(repair: bool, as_json: bool) -> None:
    """List differences between store and portal, and values that could not be exported.

    Also lists the fields that are not exported, with the number of datasets. Exits with 1 if there
    are differences, or a dataset cannot be exported.
    """
    with _progress("datasets") as show:
        if repair:
            maintenance.repair(show)
            _refresh_dump()
    findings = maintenance.check()
    losses = list(maintenance.losses())
    fields = left_out.fields()
    if as_json:
        entries = [
            {"dataset": name, "error": error, "problems": problems}
            for name, error, problems in losses
        ]
        report = {**vars(findings), "losses": entries, "left_out": fields}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for field in fields:
            click.echo(f"{field['field']}: not exported, in {field['datasets']} datasets")
        _print_findings(findings, losses, is_repaired=repair)
    if not findings.sound or findings.broken:
        raise SystemExit(1)


def _print_findings(
    findings: maintenance.Findings,
    losses: list[tuple[str, str, list[dict[str, str]]]],
    *,
    is_repaired: bool,
) -> None:
    for label, ids in (
        ("not in the store", findings.missing),
        ("in the store, but no longer public", findings.left),
        ("older than the dataset, its agency or the settings", findings.stale),
        ("agencies and contacts older than the register", findings.outdated),
        ("cannot be exported", findings.broken),
        ("addresses that the portal had before", findings.moved),
    ):
        click.echo(f"{len(ids):>7}  {label}")
        for key in ids[:_MAX_SHOWN]:
            click.echo(f"         {key}")
    if not findings.counted:
        click.echo("         the number of datasets is not as counted")
    for name, error, problems in losses:
        if error:
            click.echo(f"{name}: {error}")
        for problem in problems:
            click.echo(
                f"{name}: {problem['field']} left out, {problem['reason']}: {problem['value']!r}"
            )
    if findings.sound:
        click.echo("The store is sound.")
    elif is_repaired:
        click.echo("Not everything could be repaired, or datasets were changed meanwhile.")
    else:
        click.echo("Run: ckan nd47 dcat check --repair")


@dcat_commands.command(short_help="Show how much the store holds.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")
def stats(as_json: bool) -> None:
    """Show the number of datasets, agencies and changes in the store, and its size."""
    figures = maintenance.stats()
    if as_json:
        click.echo(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        click.echo(f"{name:<14}  {value}")


@dcat_commands.command(short_help="Write the whole catalogue to files.")
@click.option("--always", is_flag=True, help="Also if nothing has changed since the last dump.")
def dump(always: bool) -> None:
    """Write the files of /catalog/dump.* if something has changed; for cron."""
    try:
        manifest = dump_files.write(always=always)
    except OSError as error:
        raise click.ClickException(str(error)) from error
    if manifest is None:
        click.echo("Nothing changed since the last dump, or another process writes one.")
        return
    for file in manifest["files"].values():
        click.echo(f"{file['size']:>12}  {file['name']}")
    click.echo(f"{manifest['count']} datasets.")


@dcat_commands.command(short_help="Harvest this catalogue as the national portal would.")
@click.option("--profile", "profiles", multiple=True, help="Profile of the harvesting portal.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")
@click.pass_context
def rehearse(ctx: click.Context, profiles: tuple[str, ...], as_json: bool) -> None:
    """List what a harvest would create, update, delete and reject, and the fields it would lose.

    Created, updated and deleted datasets are compared with the last rehearsal. Exits with 1 if a
    dataset would be rejected, is missing or appears twice.
    """
    try:
        report = rehearsal.run(ctx.meta["flask_app"], profiles or rehearsal.PROFILES)
    except RuntimeError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(vars(report), ensure_ascii=False, indent=2))
    else:
        _print_rehearsal(report)
    if report.failed:
        raise SystemExit(1)


def _print_rehearsal(report: rehearsal.Report) -> None:
    for label in ("created", "updated", "deleted", "rejected", "missing", "repeated"):
        iris = getattr(report, label)
        click.echo(f"{len(iris):>7}  {label}")
        for iri in list(iris)[:_MAX_SHOWN]:
            reason = f": {report.rejected[iri]}" if label == "rejected" else ""
            click.echo(f"         {iri}{reason}")
    for name, count in sorted(report.lost.items()):
        click.echo(f"lost: {name} of {count} in {report.present[name]}")


@dcat_commands.command(short_help="Write the rules as SHACL shapes.")
def shapes() -> None:
    """Write the rules of Decree 47/2020 as SHACL in Turtle, with the IRIs of this portal."""
    click.echo(shacl.turtle(), nl=False)
