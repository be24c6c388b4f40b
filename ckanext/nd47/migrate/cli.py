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
from ckanext.nd47.migrate import datasets, mapping, reports, run, sheets
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
    overview = _call("nd47_migrate_look")
    if as_json:
        click.echo(json.dumps(overview, ensure_ascii=False, indent=2))
        return
    click.echo(f"{overview['datasets']} datasets")
    for source in overview["sources"]:
        field = "" if source["own"] else source["field"] or "?"
        sure = "" if source["sure"] or not source["field"] else " (not sure)"
        arrow = f" -> {field}{sure}" if field else ""
        click.echo(f"{source['kind']} {source['name']}: {source['datasets']}{arrow}")
        for value in source["values"][:5]:
            click.echo(f"  {value['datasets']:>6}  {' '.join(value['value'].split())[:80]}")


@migrate.command("map", short_help="Propose a map.")
@click.option("--output", type=WRITABLE, help="File to write; it must not exist.")
@click.option("--schema", is_flag=True, help="Also which fields of an own schema are read as ours.")
def map_command(output: Path | None, schema: bool) -> None:
    """Write a proposal of what goes where, for a person to correct and confirm."""
    map_text = _call("nd47_migrate_map", schema=schema)
    if output is None:
        click.echo(map_text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(map_text)
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
    migration_map, corrections = _read_map(file), _read_corrections(corrected)
    organisation = _organisation_id(organization)
    rehearsed: list[reports.RehearsedDataset] = []

    def each() -> Iterator[reports.RehearsedDataset]:
        for dataset in reports.rehearse(migration_map, corrections, organisation):
            if as_json:
                click.echo(json.dumps(dataset, ensure_ascii=False))
            if output is not None:
                rehearsed.append(dataset)
            yield dataset

    total, agencies = reports.summaries(each())
    if output is not None:
        titles = {agency_id: summary.title for agency_id, summary in agencies.items()}
        _write(output, sheets.header(), list(sheets.rows(rehearsed, titles)))
    for summary in [] if as_json else [*agencies.values(), total]:
        _print_summary(summary)


def _print_summary(summary: reports.Summary) -> None:
    counts = summary.as_dict()
    click.echo(
        f"{counts['title'] or 'All'}: {counts['datasets']} datasets, {counts['changed']} change, "
        f"{counts['unread']} texts not read; score {counts['score']['before']} -> "
        f"{counts['score']['after']}; may not be published: {counts['refused']['before']} -> "
        f"{counts['refused']['after']}"
    )
    for rule, unmet in counts["unmet"].items():
        click.echo(f"  {rule:<28} {unmet['before']:>6} -> {unmet['after']:>6}")


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
    parameters: dict[str, Any] = {"resume": resume, "job": job}
    if file is not None:
        parameters |= {"map": _read_text(file), "corrections": _read_corrections(corrected)}
    begun_run = _call("nd47_migrate_apply", **parameters)
    click.echo(f"Run {begun_run['id']}")
    if job:
        click.echo("A background job does it; see: ckan nd47 migrate status")
        return
    try:
        finished_run = run.work(begun_run["id"], _progress)
    except run.BusyError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Done: {finished_run.done} datasets. "
        f"To take it back: ckan nd47 migrate undo {begun_run['id']}"
    )


@migrate.command("undo", short_help="Give datasets back what they had.")
@click.argument("run_id", required=False, default="")
@click.option("--dataset", default="", help="One dataset only.")
def undo_command(run_id: str, dataset: str) -> None:
    """Give datasets back what they had before a run; values that were edited since stay."""
    result = _call("nd47_migrate_undo", run=run_id, dataset=dataset)
    click.echo(
        f"Run {result['run']}: {result['returned']} values returned, "
        f"{result['kept']} kept because they were edited since"
    )


@migrate.command("report", short_help="List what is still missing.")
@click.option("--organization", default="", help="For the datasets of one organisation only.")
@click.option("--output", type=WRITABLE, help="CSV, XLSX or JSON file; default: JSON is printed.")
def report_command(organization: str, output: Path | None) -> None:
    """List the rules that datasets do not meet, by agency, as a list to work through."""
    if output is not None:
        _check_ending(output, FORMATS)
    unmet = _call("nd47_migrate_report", organization=organization)
    content = json.dumps(unmet, ensure_ascii=False, indent=2)
    if output is None:
        click.echo(content)
    elif output.suffix.lower() == ".json":
        output.write_text(content, encoding="utf-8")
    else:
        _write(output, reports.unmet_header(), list(reports.unmet_rows(unmet)))


@migrate.command("status", short_help="Say how far the runs are.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def status(as_json: bool) -> None:
    """List the runs, the newest first."""
    state = _call("nd47_migrate_status")
    if as_json:
        click.echo(json.dumps(state, ensure_ascii=False))
        return
    click.echo("A process is at work." if state["working"] else "No process is at work.")
    for run_state in state["runs"]:
        click.echo(
            f"{run_state['id']}  {run_state['state']}  "
            f"{run_state['done']}/{run_state['total']}  {run_state['started']}"
        )


def _progress(done: int, total: int) -> None:
    click.echo(f"{done}/{total} datasets")


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file}: not a text in UTF-8."
        raise click.ClickException(message) from error


def _read_map(file: Path) -> mapping.Map:
    try:
        return mapping.parse(_read_text(file))
    except mapping.MapError as error:
        message = f"{file}: {error}"
        raise click.ClickException(message) from error


def _read_corrections(files: tuple[Path, ...]) -> Corrections:
    corrections: dict[str, dict[str, tuple[str, str]]] = {}
    for file in files:
        try:
            file_corrections = sheets.read(file.read_bytes())
            sheets.check(file_corrections, datasets.ids_after("", None))
        except sheets.CorrectionError as error:
            message = f"{file}: {error}"
            raise click.ClickException(message) from error
        for dataset_id, fields in file_corrections.items():
            corrections.setdefault(dataset_id, {}).update(fields)
    return corrections


def _organisation_id(reference: str) -> str:
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
