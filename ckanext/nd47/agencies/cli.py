"""`ckan nd47 agencies …` and `ckan nd47 focal-points …`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies import (
    alerts,
    columns,
    export,
    import_table,
    messages,
    spreadsheet,
    tables,
)


def _context() -> Context:
    user = tk.get_action("get_site_user")(Context(ignore_auth=True), {})
    return Context(ignore_auth=True, user=user["name"])


def _run(action: str, **data: Any) -> Any:
    try:
        return tk.get_action(action)(_context(), data)
    except tk.ValidationError as error:
        told = [f"{name}: {' '.join(words)}" for name, words in messages.of(error).items()]
        raise click.ClickException("\n".join(told)) from error
    except tk.ObjectNotFound as error:
        raise click.ClickException(str(error)) from error


def _import(kind: str, file: Path, apply: bool) -> None:
    with file.open("rb") as stream:
        result = _run("nd47_register_import", kind=kind, upload=stream, dry_run=not apply)
    if result["reading"]:
        _tell(kind, result["reading"])
    for row in result["rows"]:
        errors = "; ".join(f"{key}: {' '.join(value)}" for key, value in row["errors"].items())
        line = f"{row['row']:>6}  {row['outcome']:<9}  {row['subject']}"
        click.echo(f"{line}  {errors}" if errors else line)
    if apply and not result["applied"]:
        message = "Nothing was changed: some rows have errors."
        raise click.ClickException(message)
    click.echo("Applied." if result["applied"] else "Dry run: nothing was changed. Add --apply.")


def _tell(kind: str, reading: dict[str, Any]) -> None:
    """Say what was recognised in a file, and what was not."""
    words = columns.HEADINGS[kind]
    encoding = reading["encoding"] or "that of XLSX"
    click.echo(f"Headings: row {reading['heading_row']}. Encoding: {encoding}.")
    for one in reading["columns"]:
        if not one["field"]:
            meant = f" Perhaps “{one['meant']}” is meant." if one["meant"] else ""
            click.echo(f"Column {one['column']} “{one['heading']}” is not read.{meant}")
    for name in reading["other_sheets"]:
        click.echo(f"Sheet “{name}” is not read.")
    for one in reading["left_out"]:
        click.echo(f"{one['row']:>6}  left out   {one['text']} ({one['reason']})")
    for one in reading["notes"]:
        heading = words.get(one["field"], one["field"])
        click.echo(f"{one['row']:>6}  {heading}: “{one['written']}” is read as “{one['read']}”")


def _export(kind: str, file: Path, everything: bool) -> None:
    tables_of = import_table.table(
        kind, {"all_terms": everything}, "editor" if everything else "public"
    )
    extension = file.suffix.lower().lstrip(".")
    if extension not in export.FORMATS:
        message = f"Name the file with one of: {', '.join(export.FORMATS)}"
        raise click.ClickException(message)
    try:
        file.write_bytes(export.written(kind, tables_of, extension))
    except spreadsheet.SheetError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(tables_of)} rows: {file}")


_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_EXISTING = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_APPLY = click.option("--apply", is_flag=True, help="Do it; without it nothing is changed.")


@click.group(short_help="The register of agencies.")
def agencies() -> None:
    """Import and export the register of agencies."""


@agencies.command("import", short_help="Enter agencies from a CSV or XLSX file.")
@_EXISTING
@_APPLY
def import_agencies(file: Path, apply: bool) -> None:
    """Say what becomes of each row of FILE; with --apply, enter them all, or none on an error."""
    _import(columns.AGENCIES, file, apply)


@agencies.command("export", short_help="Write agencies to a CSV, XLSX or JSON file.")
@_FILE
def export_agencies(file: Path) -> None:
    """Write all agencies to FILE."""
    _export(columns.AGENCIES, file, everything=False)


@click.group("focal-points", short_help="The focal points of agencies.")
def focal_points() -> None:
    """Import, export, adopt and watch over focal points."""


@focal_points.command("import", short_help="Enter focal points from a CSV or XLSX file.")
@_EXISTING
@_APPLY
def import_focal_points(file: Path, apply: bool) -> None:
    """Say what becomes of each row of FILE; with --apply, enter them all, or none on an error."""
    _import(columns.FOCAL_POINTS, file, apply)


@focal_points.command("export", short_help="Write focal points to a CSV, XLSX or JSON file.")
@_FILE
@click.option("--all", "everything", is_flag=True, help="All terms and all but personal fields.")
def export_focal_points(file: Path, everything: bool) -> None:
    """Write focal points to FILE: the public fields of those in office."""
    _export(columns.FOCAL_POINTS, file, everything)


@focal_points.command("alerts", short_help="List agencies that nobody answers for.")
def list_alerts() -> None:
    """List agencies with datasets and nobody in office in a role, now or within 30 days.

    Ends with 1 where there are any, so that cron mails the list.
    """
    if not tables.complete():
        raise click.ClickException(tables.missing())
    found = alerts.pending()
    for one in found:
        last = f"until {one['last_day']}" if one["last_day"] else ""
        office = one["office_email"] or "no office mailbox"
        click.echo(
            f"{one['state']:<11}  {one['role']:<8}  {last:<16}  {one['datasets']:>5} datasets  "
            f"{one['agency_title']} ({office})"
        )
    if found:
        raise SystemExit(1)


@focal_points.command(short_help="Make focal points of what datasets spell out.")
@_APPLY
@click.option("--undo", metavar="RUN", help="Undo the run with this id.")
def adopt(apply: bool, undo: str | None) -> None:
    """Group maintainers, authors and contacts of datasets and let datasets refer to records."""
    if undo:
        result = _run("nd47_focal_point_adopt", mode="undo", run=undo)
        click.echo(f"{len(result['restored'])} datasets have back what they had.")
        for kept in result["kept"]:
            package = model.Package.get(kept)
            click.echo(f"changed since, left alone: {package.name if package else kept}")
        return
    result = _run("nd47_focal_point_adopt", mode="apply" if apply else "propose")
    for one in result["groups"]:
        spelled = f" ({len(one['spellings'])} spellings)" if len(one["spellings"]) > 1 else ""
        who = f"{one['name']} <{one['email']}>{spelled}"
        click.echo(f"{one['datasets']:>6}  {one['agency_title']}: {who}")
    if apply:
        click.echo(f"Applied. To undo: ckan nd47 focal-points adopt --undo {result['run']}")
    else:
        click.echo("Dry run: nothing was changed. Add --apply.")
