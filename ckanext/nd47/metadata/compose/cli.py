"""`ckan nd47 schema …`: merges the nd47 fields with a portal's own schema."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path
from ckanext.nd47.metadata.compose import files
from ckanext.nd47.metadata.compose.merge import CHOICES, ComposeError, Merged, Reading, merge

UNDECIDED = 3
"""Exit code if choices are missing; 1 is any other failure, 2 a wrong option."""


@click.group(short_help="The fields of nd47 beside a schema of the portal.")
def schema() -> None:
    """Merge the fields of nd47 into the portal's own dataset schema, and check the result."""


@schema.command(short_help="Write the merged schema.")
@click.option("--schema", "reference", help="Schema of the portal; that in force if left out.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option("--choose", multiple=True, metavar="FIELD=ours|theirs|rename", help="Repeatable.")
@click.option(
    "--map",
    "map_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Map of `ckan nd47 migrate map --schema`, whose part `schema` is used.",
)
@click.pass_context
def compose(
    ctx: click.Context,
    reference: str | None,
    output: Path | None,
    choose: tuple[str, ...],
    map_file: Path | None,
) -> None:
    """Write the portal's schema with the fields of nd47 added.

    Fields, order and labels of the portal are kept. A field that both have in the same shape serves
    as it is. For a field that both have in another shape you choose: `theirs` keeps the portal's
    and nd47 reads from it what it can, `ours` puts nd47's in its place, `rename` adds nd47's under
    the name nd47_FIELD beside it. Exit code 3: something is left to be chosen, nothing was written.
    """
    try:
        source = reference or _only_reference()
        readings = files.readings(map_file) if map_file else []
        merged = _merged(source, _choices(choose), readings)
    except ComposeError as error:
        raise click.ClickException(str(error)) from error
    _report(merged)
    if merged.conflicts:
        ctx.exit(UNDECIDED)
    text = files.dump(merged.schema, output.name if output else "")
    if output is None:
        click.echo(text, nl=False)
        return
    files.write(output, text)
    click.echo(f"Written: {output}", err=True)
    _next_steps(source, output)


@schema.command(short_help="Check the schemas in force.")
@click.option("--schema", "reference", help="Another schema than those in force.")
@click.pass_context
def check(ctx: click.Context, reference: str | None) -> None:
    """Say for each dataset schema which fields of nd47 it lacks; exit code 1 if it lacks any."""
    complete = True
    for source in [reference] if reference else config.dataset_schemas():
        try:
            merged = _merged(source, {})
        except ComposeError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{source}: {'complete' if merged.complete else 'lacks fields of nd47'}")
        if not merged.complete:
            _report(merged)
            complete = False
    if not complete:
        ctx.exit(1)


def _merged(reference: str, choices: dict[str, str], readings: Sequence[Reading] = ()) -> Merged:
    presets = files.presets([*config.presets(), str(data_path("schemas", "presets.yaml"))])
    return merge(files.load(reference), files.our_schema(), presets, choices, readings)


def _choices(options: tuple[str, ...]) -> dict[str, str]:
    pairs = [option.partition("=") for option in options]
    wrong = [
        option
        for option, (_, _, choice) in zip(options, pairs, strict=True)
        if choice not in CHOICES
    ]
    if wrong:
        msg = f"{wrong[0]!r} is not FIELD=ours, FIELD=theirs or FIELD=rename"
        raise click.BadParameter(msg, param_hint="--choose")
    return {name.strip(): choice for name, _, choice in pairs}


def _only_reference() -> str:
    """Return the portal's schema, if exactly one other than that of nd47 is configured."""
    references = [
        reference for reference in config.dataset_schemas() if reference != _nd47_schema()
    ]
    if not references:
        msg = (
            f"{config.DATASET_SCHEMAS} names no schema but that of nd47: there is nothing to merge"
        )
        raise ComposeError(msg)
    if len(references) > 1:
        msg = f"say which with --schema: {', '.join(references)}"
        raise ComposeError(msg)
    return references[0]


def _nd47_schema() -> str:
    return data_path("schemas", "dataset.yaml").as_uri()


def _report(merged: Merged) -> None:
    """Report on stderr what was done and which choices are missing."""
    lines = [
        ("serve as they are", merged.mapped),
        ("added", merged.added),
        ("given subfields", [f"{k} ({', '.join(v)})" for k, v in merged.extended.items()]),
        ("chosen", [f"{name}={choice}" for name, choice in merged.decided.items()]),
    ]
    for label, names in lines:
        if names:
            click.echo(f"{len(names)} fields {label}: {', '.join(names)}", err=True)
    if merged.plainer:
        click.echo(
            f"nd47 has a list for, or fills in, {', '.join(merged.plainer)}: --choose FIELD=ours "
            "takes its form of the field and keeps your label",
            err=True,
        )
    for conflict in merged.conflicts:
        click.echo(f"To be chosen: {conflict.name} is {conflict.reason}", err=True)
        click.echo(
            f"  --choose {conflict.name}=theirs   keep the portal's; nd47 reads what it can\n"
            f"  --choose {conflict.name}=ours     put nd47's in its place\n"
            f"  --choose {conflict.name}=rename   keep the portal's, add nd47's under another name",
            err=True,
        )


def _next_steps(source: str, output: Path) -> None:
    """Print the lines of the configuration that activate the merged schema."""
    presets = data_path("schemas", "presets.yaml").as_uri()
    merged = output.resolve().as_uri()
    other_references = [
        reference
        for reference in config.dataset_schemas()
        if reference not in (source, merged, _nd47_schema())
    ]
    click.echo("Set in the configuration file, then restart:", err=True)
    click.echo(f"  {config.DATASET_SCHEMAS} = {' '.join([*other_references, merged])}", err=True)
    if presets not in config.presets():
        click.echo(f"  {config.PRESETS} = {' '.join([*config.presets(), presets])}", err=True)
    click.echo("and run: ckan search-index rebuild", err=True)
