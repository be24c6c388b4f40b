"""`ckan nd47 migrate …`: brings the datasets that a portal had before into the suite's fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.lib import inputs
from ckanext.nd47.migrate import mapping, rehearse, report, run, sheets, sources
from ckanext.nd47.migrate.plan import Corrections

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
WRITABLE = click.Path(dir_okay=False, path_type=Path)
FORMATS = {".csv", ".xlsx", ".json"}


@click.group(short_help="Bring the datasets of before into the fields of nd47.")
def migrate() -> None:
    """Bring the datasets that the portal had before into the fields of nd47.

    `look` and `map` say what there is and propose where it goes, `rehearse` what that would change;
    `apply` does it, `undo` takes it back, and `report` lists what is still missing.
    """


def _call(action: str, **data: Any) -> Any:
    user = tk.get_action("get_site_user")(Context(ignore_auth=True), {})
    try:
        return tk.get_action(action)(Context(ignore_auth=True, user=user["name"]), data)
    except tk.ValidationError as error:
        errors = inputs.error_messages(error)
        raise click.ClickException(
            "\n".join(" ".join(messages) for messages in errors.values())
        ) from error
    except tk.ObjectNotFound as error:
        raise click.ClickException(str(error)) from error


@migrate.command(short_help="Say what the datasets have.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def look(as_json: bool) -> None:
    """List columns, extras, keywords and groups with their values, and what they may be."""
    found = _call("nd47_migrate_look")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    click.echo(f"{found['datasets']} datasets")
    for one in found["sources"]:
        meant = "" if one["own"] else one["field"] or "?"
        sure = "" if one["sure"] or not one["field"] else " (not sure)"
        arrow = f" -> {meant}{sure}" if meant else ""
        click.echo(f"{one['kind']} {one['name']}: {one['datasets']}{arrow}")
        for value in one["values"][:5]:
            click.echo(f"  {value['datasets']:>6}  {' '.join(value['value'].split())[:80]}")


@migrate.command("map", short_help="Propose a map.")
@click.option("--output", type=WRITABLE, help="File to write; it must not exist.")
@click.option("--schema", is_flag=True, help="Also which fields of an own schema are read as ours.")
def map_command(output: Path | None, schema: bool) -> None:
    """Write a proposal of what goes where, for a person to correct and confirm."""
    written = _call("nd47_migrate_map", schema=schema)
    if output is None:
        click.echo(written, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(written)
    except OSError as error:
        message = f"{output}: {error.strerror}"
        raise click.ClickException(message) from error
    click.echo(f"Written: {output}. Correct it, then: ckan nd47 migrate rehearse {output}")


@migrate.command("rehearse", short_help="Say what a map would do.")
@click.argument("file", type=READABLE)
@click.option("--organization", default="", help="For the datasets of one organisation only.")
@click.option("--output", type=WRITABLE, help="XLSX or CSV for the agencies to correct.")
@click.option("--from", "corrected", type=READABLE, multiple=True, help="Corrected files.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, one line for each dataset.")
def rehearse_command(
    file: Path, organization: str, output: Path | None, corrected: tuple[Path, ...], as_json: bool
) -> None:
    """Say what a map would do to datasets, scores and unmet rules; nothing is changed."""
    if output is not None:
        _check_ending(output, FORMATS - {".json"})
    mapped, corrections = _map(file), _corrections(corrected)
    organisation = _organisation(organization)
    listed: list[rehearse.Rehearsed] = []

    def each() -> Iterator[rehearse.Rehearsed]:
        for one in rehearse.rehearse(mapped, corrections, organisation):
            if as_json:
                click.echo(json.dumps(one, ensure_ascii=False))
            if output is not None:
                listed.append(one)
            yield one

    whole, agencies = rehearse.summaries(each())
    if output is not None:
        titles = {name: one.title for name, one in agencies.items()}
        _write(output, sheets.header(), list(sheets.rows(listed, titles)))
    for one in [] if as_json else [*agencies.values(), whole]:
        _print_summary(one)


def _print_summary(one: rehearse.Summary) -> None:
    found = one.as_dict()
    click.echo(
        f"{found['title'] or 'All'}: {found['datasets']} datasets, {found['changed']} change, "
        f"{found['unread']} texts not read; score {found['score']['before']} -> "
        f"{found['score']['after']}; may not be published: {found['refused']['before']} -> "
        f"{found['refused']['after']}"
    )
    for rule, counts in found["unmet"].items():
        click.echo(f"  {rule:<28} {counts['before']:>6} -> {counts['after']:>6}")


@migrate.command("apply", short_help="Make the changes of a map.")
@click.argument("file", type=READABLE, required=False)
@click.option("--from", "corrected", type=READABLE, multiple=True, help="Corrected files.")
@click.option("--resume", is_flag=True, help="Let the run that was interrupted go on.")
@click.option("--job", is_flag=True, help="Leave it to a background job.")
def apply_command(file: Path | None, corrected: tuple[Path, ...], resume: bool, job: bool) -> None:
    """Make the changes, and note what each dataset had before; dates and activity stay."""
    if (file is None) != resume:
        message = "Name a map, or give --resume."
        raise click.UsageError(message)
    given: dict[str, Any] = {"resume": resume, "job": job}
    if file is not None:
        given |= {"map": _text(file), "corrections": _corrections(corrected)}
    begun = _call("nd47_migrate_apply", **given)
    click.echo(f"Run {begun['id']}")
    if job:
        click.echo("A background job does it; see: ckan nd47 migrate status")
        return
    try:
        done = run.work(begun["id"], _progress)
    except run.BusyError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Done: {done.done} datasets. To take it back: ckan nd47 migrate undo {begun['id']}")


@migrate.command("undo", short_help="Give datasets back what they had.")
@click.argument("run_id", required=False, default="")
@click.option("--dataset", default="", help="One dataset only.")
def undo_command(run_id: str, dataset: str) -> None:
    """Give datasets back what they had before a run; values that were edited since stay."""
    found = _call("nd47_migrate_undo", run=run_id, dataset=dataset)
    click.echo(
        f"Run {found['run']}: {found['returned']} values returned, "
        f"{found['kept']} kept because they were edited since"
    )


@migrate.command("report", short_help="List what is still missing.")
@click.option("--organization", default="", help="For the datasets of one organisation only.")
@click.option("--output", type=WRITABLE, help="CSV, XLSX or JSON file; default: JSON is printed.")
def report_command(organization: str, output: Path | None) -> None:
    """List the rules that datasets do not meet, by agency, as a list to work through."""
    if output is not None:
        _check_ending(output, FORMATS)
    found = _call("nd47_migrate_report", organization=organization)
    content = json.dumps(found, ensure_ascii=False, indent=2)
    if output is None:
        click.echo(content)
    elif output.suffix.lower() == ".json":
        output.write_text(content, encoding="utf-8")
    else:
        _write(output, report.header(), list(report.as_rows(iter(found))))


@migrate.command("status", short_help="Say how far the runs are.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def status(as_json: bool) -> None:
    """List the runs, the newest first."""
    found = _call("nd47_migrate_status")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo("A process is at work." if found["working"] else "No process is at work.")
    for one in found["runs"]:
        click.echo(f"{one['id']}  {one['state']}  {one['done']}/{one['total']}  {one['started']}")


def _progress(done: int, total: int) -> None:
    click.echo(f"{done}/{total} datasets")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file}: not a text in UTF-8."
        raise click.ClickException(message) from error


def _map(file: Path) -> mapping.Map:
    try:
        return mapping.parse(_text(file))
    except mapping.MapError as error:
        message = f"{file}: {error}"
        raise click.ClickException(message) from error


def _corrections(files: tuple[Path, ...]) -> Corrections:
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for file in files:
        try:
            corrected = sheets.read(file.read_bytes())
            sheets.check(corrected, sources.ids_after("", None))
        except sheets.CorrectionError as error:
            message = f"{file}: {error}"
            raise click.ClickException(message) from error
        for dataset_id, fields in corrected.items():
            found.setdefault(dataset_id, {}).update(fields)
    return found


def _organisation(reference: str) -> str:
    if not reference:
        return ""
    group = model.Group.get(reference)
    if group is None or not group.is_organization:
        raise click.ClickException(tk._("There is no such agency on this portal."))
    return group.id


def _check_ending(output: Path, endings: set[str]) -> None:
    if output.suffix.lower() not in endings:
        message = f"The name of the file must end in one of {', '.join(sorted(endings))}."
        raise click.UsageError(message)


def _write(output: Path, header: list[str], rows: list[list[str]]) -> None:
    try:
        if output.suffix.lower() == ".csv":
            content = sheets.write_csv(header, rows)
        else:
            content = sheets.write_xlsx(header, rows, output.stem)
        output.write_bytes(content)
    except (sheets.SheetError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Written: {output} ({len(rows)} rows)")
