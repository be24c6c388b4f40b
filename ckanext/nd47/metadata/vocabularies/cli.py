"""`ckan nd47 vocabulary`: lists and checks the code lists in use.

Reads only files, no database or network.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.vocabularies.vocabulary import Term, UnknownVocabularyError, Vocabulary
from ckanext.nd47.metadata.vocabularies import catalogue

language_option = click.option(
    "--lang", type=click.Choice(["vi", "en"]), default="vi", help="Language of titles and labels."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")


@click.group("vocabulary", short_help="Code lists: list, show, check, diff.")
def vocabulary_commands() -> None:
    """Code lists (vocabularies) of the portal."""


@vocabulary_commands.command("list")
@language_option
@json_option
def list_lists(lang: str, as_json: bool) -> None:
    """List the code lists that are in force, and where they come from."""
    vocabularies = [vocabulary.get(vocabulary_id) for vocabulary_id in vocabulary.ids()]
    if as_json:
        heads = [{**catalogue.as_dict(terms), "terms": len(terms)} for terms in vocabularies]
        click.echo(json.dumps(heads, ensure_ascii=False, indent=2))
        return
    rows = [
        (t.id, str(len(t)), catalogue.origin(t.id), t.status, t.title.get(lang, t.title["vi"]))
        for t in vocabularies
    ]
    _table(("id", "rows", "from", "status", "title"), rows)


@vocabulary_commands.command()
@click.argument("vocabulary_id")
@language_option
@json_option
def show(vocabulary_id: str, lang: str, as_json: bool) -> None:
    """Show the rows of one code list."""
    terms = _list(vocabulary_id)
    if as_json:
        click.echo(json.dumps(catalogue.as_dict(terms), ensure_ascii=False, indent=2))
        return
    click.echo(f"{terms.title.get(lang, terms.title['vi'])} ({vocabulary.iri(terms.id)})")
    click.echo(f"{terms.source} [{terms.status}]\n")
    _table(("code", "label", "status", "from", "to"), [_row(term, lang) for term in terms])


@vocabulary_commands.command()
def check() -> None:
    """Check every file, of the package and of the portal; end with 1 if one is not sound."""
    problems = catalogue.problems()
    for problem in problems:
        click.secho(problem, fg="red", err=True)
    if problems:
        raise SystemExit(1)
    click.echo(f"{len(vocabulary.files())} files are sound.")


@vocabulary_commands.command()
@click.argument("vocabulary_id", required=False)
def diff(vocabulary_id: str | None) -> None:
    """Show what the portal changed in the lists of the package."""
    chosen = [_list(vocabulary_id).id] if vocabulary_id else vocabulary.ids()
    changed = {vocabulary_id: catalogue.differences(vocabulary_id) for vocabulary_id in chosen}
    if not any(changed.values()):
        click.echo("No list differs from that of the package.")
    for term, differences in changed.items():
        if differences:
            click.echo(f"{term} ({catalogue.origin(term)})")
        for difference in differences:
            columns = f": {', '.join(difference.columns)}" if difference.columns else ""
            click.echo(f"  {difference.change} {difference.code}{columns}")


def _list(vocabulary_id: str) -> Vocabulary:
    try:
        return vocabulary.get(vocabulary_id)
    except UnknownVocabularyError as error:
        message = f"there is no list {vocabulary_id!r}; `ckan nd47 vocabulary list` names them"
        raise click.ClickException(message) from error


def _row(term: Term, lang: str) -> tuple[str, ...]:
    first, last = (str(day) if day else "" for day in (term.valid_from, term.valid_to))
    return term.code, term.text(lang), term.status, first, last


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
