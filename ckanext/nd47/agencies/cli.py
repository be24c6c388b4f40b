"""`ckan nd47 agencies …` and `ckan nd47 focal-points …`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies import alerts, migrated
from ckanext.nd47.agencies.import_export import columns, export
from ckanext.nd47.agencies.import_export.action import ImportResult
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.files.spreadsheets.reading import ReadingDict
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError


def _context() -> Context:
    user = tk.get_action("get_site_user")(Context(ignore_auth=True), {})
    return Context(ignore_auth=True, user=user["name"])


def _run(action: str, **data: Any) -> Any:
    try:
        return tk.get_action(action)(_context(), data)
    except tk.ValidationError as error:
        errors = inputs.error_messages(error)
        lines = [f"{name}: {' '.join(messages)}" for name, messages in errors.items()]
        raise click.ClickException("\n".join(lines)) from error
    except tk.ObjectNotFound as error:
        raise click.ClickException(str(error)) from error


def _import(kind: str, file: Path, apply: bool) -> None:
    with file.open("rb") as stream:
        result: ImportResult = _run(
            "nd47_register_import", kind=kind, upload=stream, dry_run=not apply
        )
    if result["reading"]:
        _print_reading(kind, result["reading"])
    for row in result["rows"]:
        errors = "; ".join(f"{key}: {' '.join(value)}" for key, value in row["errors"].items())
        line = f"{row['row']:>6}  {row['outcome']:<9}  {row['subject']}"
        click.echo(f"{line}  {errors}" if errors else line)
    if apply and not result["applied"]:
        message = "Nothing was changed: some rows have errors."
        raise click.ClickException(message)
    click.echo("Applied." if result["applied"] else "Dry run: nothing was changed. Add --apply.")


def _print_reading(kind: str, reading: ReadingDict) -> None:
    """Print what was recognised in a file, and what was not."""
    encoding = reading["encoding"] or "that of XLSX"
    click.echo(f"Headings: row {reading['heading_row']}. Encoding: {encoding}.")
    for column in reading["columns"]:
        if not column["field"]:
            meant = f" Perhaps “{column['meant']}” is meant." if column["meant"] else ""
            click.echo(f"Column {column['column']} “{column['heading']}” is not read.{meant}")
    for name in reading["other_sheets"]:
        click.echo(f"Sheet “{name}” is not read.")
    for row in reading["left_out"]:
        click.echo(f"{row['row']:>6}  left out   {row['text']} ({row['reason']})")
    for note in reading["notes"]:
        heading = columns.HEADINGS[kind].get(note["field"], note["field"])
        click.echo(f"{note['row']:>6}  {heading}: “{note['written']}” is read as “{note['read']}”")


def _export(kind: str, file: Path, everything: bool) -> None:
    rows = export.rows(kind, {"all_terms": everything}, "editor" if everything else "public")
    extension = file.suffix.lower().lstrip(".")
    if extension not in export.FORMATS:
        message = f"Name the file with one of: {', '.join(export.FORMATS)}"
        raise click.ClickException(message)
    try:
        file.write_bytes(export.write(kind, rows, extension))
    except SheetError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(rows)} rows: {file}")


_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_EXISTING = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_APPLY = click.option(
    "--apply", is_flag=True, help="Apply the changes; without it nothing is changed."
)


@click.group(short_help="The register of agencies.")
def agencies() -> None:
    """Import and export the register of agencies."""


@agencies.command("import", short_help="Import agencies from a CSV or XLSX file.")
@_EXISTING
@_APPLY
def import_agencies(file: Path, apply: bool) -> None:
    """Show the outcome of each row of FILE; with --apply, import all rows, or none on an error."""
    _import(columns.AGENCIES, file, apply)


@agencies.command("export", short_help="Write agencies to a CSV, XLSX or JSON file.")
@_FILE
def export_agencies(file: Path) -> None:
    """Write all agencies to FILE."""
    _export(columns.AGENCIES, file, everything=False)


@click.group("focal-points", short_help="The focal points of agencies.")
def focal_points() -> None:
    """Import, export, adopt and check focal points."""


@focal_points.command("import", short_help="Import focal points from a CSV or XLSX file.")
@_EXISTING
@_APPLY
def import_focal_points(file: Path, apply: bool) -> None:
    """Show the outcome of each row of FILE; with --apply, import all rows, or none on an error."""
    _import(columns.FOCAL_POINTS, file, apply)


@focal_points.command("export", short_help="Write focal points to a CSV, XLSX or JSON file.")
@_FILE
@click.option("--all", "everything", is_flag=True, help="All terms and all but personal fields.")
def export_focal_points(file: Path, everything: bool) -> None:
    """Write focal points to FILE: the public fields of those in office."""
    _export(columns.FOCAL_POINTS, file, everything)


@focal_points.command("alerts", short_help="List agencies without a focal point.")
def list_alerts() -> None:
    """List agencies with datasets and without a focal point in a role, now or within 30 days.

    The exit code is 1 where there are any, so that cron mails the list.
    """
    if not migrated.ready():
        raise click.ClickException(migrated.message())
    pending = alerts.pending()
    for alert in pending:
        last = f"until {alert['last_day']}" if alert["last_day"] else ""
        office = alert["office_email"] or "no office mailbox"
        click.echo(
            f"{alert['state']:<11}  {alert['role']:<8}  {last:<16}  {alert['datasets']:>5} datasets"
            f"  {alert['agency_title']} ({office})"
        )
    if pending:
        raise SystemExit(1)


@focal_points.command(short_help="Create focal points from the contacts of datasets.")
@_APPLY
@click.option("--undo", metavar="RUN", help="Undo the run with this id.")
def adopt(apply: bool, undo: str | None) -> None:
    """Create focal points from contacts, maintainers and authors of datasets."""
    if undo:
        result = _run("nd47_focal_point_adopt", mode="undo", run=undo)
        click.echo(f"{len(result['restored'])} datasets were restored.")
        for package_id in result["kept"]:
            package = model.Package.get(package_id)
            click.echo(f"changed since, not restored: {package.name if package else package_id}")
        return
    result = _run("nd47_focal_point_adopt", mode="apply" if apply else "propose")
    for group in result["groups"]:
        spellings = f" ({len(group['spellings'])} spellings)" if len(group["spellings"]) > 1 else ""
        person = f"{group['name']} <{group['email']}>{spellings}"
        click.echo(f"{group['datasets']:>6}  {group['agency_title']}: {person}")
    if apply:
        click.echo(f"Applied. To undo: ckan nd47 focal-points adopt --undo {result['run']}")
    else:
        click.echo("Dry run: nothing was changed. Add --apply.")
