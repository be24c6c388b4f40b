"""`ckan nd47 rules …`: lists the rules and checks datasets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

import ckan.plugins.toolkit as tk

from ckanext.nd47.rules.report import SHOWN_LEVELS, DatasetFindings, RuleList

BATCH = 200


@click.group(short_help="The rules on metadata, and what they find.")
def rules() -> None:
    """Show the rules that the portal applies, and hold datasets against them."""


@rules.command("list", short_help="List the rules that the portal applies.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def list_command(as_json: bool) -> None:
    """List the rules with level, points, title and place in the law."""
    rule_list: RuleList = tk.get_action("nd47_rule_list")({"ignore_auth": True}, {})
    if as_json:
        click.echo(_json(rule_list))
        return
    click.echo(rule_list["edition"])
    for rule in rule_list["rules"]:
        click.echo(f"{rule['level']:<8} {rule['points']:>3}  {rule['rule']:<26} {rule['title']}")
        click.echo(f"{'':<13} {rule['basis']}")


@rules.command(short_help="Hold one dataset or all against the rules.")
@click.argument("dataset", required=False)
@click.option("--all", "everything", is_flag=True, help="All datasets, drafts and private too.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, a list with --all.")
@click.pass_context
def check(ctx: click.Context, dataset: str | None, everything: bool, as_json: bool) -> None:
    """Hold a dataset against the rules; fail where a published one does not meet a binding rule."""
    if bool(dataset) == everything:
        msg = "Name one dataset, or give --all."
        raise click.UsageError(msg)
    results = _all() if everything else _of_dataset(dataset)
    write = _as_list if as_json and everything else _as_json if as_json else _as_lines
    count = faulty = 0
    for text, result in write(results):
        click.echo(text)
        if result is not None:
            count += 1
            faulty += _is_public(result) and not result["publishable"]
    if everything and not as_json:
        click.echo(f"{count} datasets, {faulty} published ones do not meet a binding rule")
    ctx.exit(1 if faulty else 0)


Written = Iterator[tuple[str, DatasetFindings | None]]
"""Lines of the output with the findings of their dataset, None for other lines."""


def _of_dataset(dataset: str | None) -> Iterator[DatasetFindings]:
    try:
        yield _call(id=dataset)
    except tk.ObjectNotFound as error:
        msg = f"There is no dataset {dataset}."
        raise click.ClickException(msg) from error


def _all() -> Iterator[DatasetFindings]:
    after = ""
    while after is not None:
        page = _call(after=after, limit=BATCH)
        yield from page["results"]
        after = page["next"]


def _call(**arguments: Any) -> Any:
    return tk.get_action("nd47_rule_check")(
        {"ignore_auth": True}, {"only_unmet": True, **arguments}
    )


def _as_json(results: Iterator[DatasetFindings]) -> Written:
    for result in results:
        yield _json(result), result


def _as_list(results: Iterator[DatasetFindings]) -> Written:
    # Written as it is found: a list of all would have to be held in memory.
    opening = "["
    for result in results:
        yield opening + _json(result), result
        opening = ","
    yield "]" if opening == "," else "[]", None


def _as_lines(results: Iterator[DatasetFindings]) -> Written:
    for dataset in results:
        state = (
            "private" if dataset["private"] and dataset["state"] == "active" else dataset["state"]
        )
        unmet = ", ".join(
            f"{dataset['unmet'][level.value]} {level.value}"
            for level in SHOWN_LEVELS
            if dataset["unmet"][level.value]
        )
        lines = [f"{dataset['name']} ({state}): {unmet or 'ok'}"]
        for result in dataset["results"]:
            lines.append(f"  {result['level']:<8} {result['field']}: {result['message']}")
            lines.append(f"  {'':<8} {result['remedy']} [{result['basis']}]")
        yield "\n".join(lines), dataset


def _is_public(result: DatasetFindings) -> bool:
    return result["state"] == "active" and not result["private"]


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)
