"""`ckan nd47 rules …`: what the rules are, and what they find."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

import ckan.plugins.toolkit as tk

from ckanext.nd47.rules.report import SHOWN_LEVELS

BATCH = 200


@click.group(short_help="The rules on metadata, and what they find.")
def rules() -> None:
    """Show the rules that the portal applies, and hold datasets against them."""


@rules.command("list", short_help="List the rules that the portal applies.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def list_command(as_json: bool) -> None:
    """List the rules with level, points, title and place in the law."""
    found: dict[str, Any] = tk.get_action("nd47_rule_list")({"ignore_auth": True}, {})
    if as_json:
        click.echo(_json(found))
        return
    click.echo(found["edition"])
    for one in found["rules"]:
        click.echo(f"{one['level']:<8} {one['points']:>3}  {one['rule']:<26} {one['title']}")
        click.echo(f"{'':<13} {one['basis']}")


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
    found = _all() if everything else _one(dataset)
    write = _as_list if as_json and everything else _as_json if as_json else _as_lines
    count = faulty = 0
    for text, one in write(found):
        click.echo(text)
        if one is not None:
            count += 1
            faulty += _is_public(one) and not one["publishable"]
    if everything and not as_json:
        click.echo(f"{count} datasets, {faulty} published ones do not meet a binding rule")
    ctx.exit(1 if faulty else 0)


Checked = dict[str, Any]
Written = Iterator[tuple[str, Checked | None]]
"""What goes out, with the dataset that it is about where it is about one."""


def _one(dataset: str | None) -> Iterator[Checked]:
    try:
        yield _call(id=dataset)
    except tk.ObjectNotFound as error:
        msg = f"There is no dataset {dataset}."
        raise click.ClickException(msg) from error


def _all() -> Iterator[Checked]:
    after = ""
    while after is not None:
        page = _call(after=after, limit=BATCH)
        yield from page["results"]
        after = page["next"]


def _call(**arguments: Any) -> Checked:
    return tk.get_action("nd47_rule_check")(
        {"ignore_auth": True}, {"only_unmet": True, **arguments}
    )


def _as_json(found: Iterator[Checked]) -> Written:
    for one in found:
        yield _json(one), one


def _as_list(found: Iterator[Checked]) -> Written:
    # Written as it is found: a list of all would have to be held in memory.
    opening = "["
    for one in found:
        yield opening + _json(one), one
        opening = ","
    yield "]" if opening == "," else "[]", None


def _as_lines(found: Iterator[Checked]) -> Written:
    for one in found:
        state = "private" if one["private"] and one["state"] == "active" else one["state"]
        unmet = ", ".join(
            f"{one['unmet'][level.value]} {level.value}"
            for level in SHOWN_LEVELS
            if one["unmet"][level.value]
        )
        lines = [f"{one['name']} ({state}): {unmet or 'ok'}"]
        for result in one["results"]:
            lines.append(f"  {result['level']:<8} {result['field']}: {result['message']}")
            lines.append(f"  {'':<8} {result['remedy']} [{result['basis']}]")
        yield "\n".join(lines), one


def _is_public(one: Checked) -> bool:
    return one["state"] == "active" and not one["private"]


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)
