"""Runs and their items in words, for pages and the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.scheming.helpers import scheming_language_text

from ckanext.nd47.desk.bulk import changes, fields
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.bulk.fields import Field
from ckanext.nd47.desk.bulk.job import saving, steps
from ckanext.nd47.desk.bulk.kinds import KINDS
from ckanext.nd47.desk.bulk.model import Item, Run
from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.web import http
from ckanext.nd47.rules import edition
from ckanext.nd47.rules.model import in_language

RESOURCES = "resources"


class NamedDataset(TypedDict):
    """A dataset; the id is empty for one that is to be created."""

    id: str
    name: str
    title: str


class FieldChange(TypedDict):
    """A field with its old and new value in words; empty for none."""

    field: str
    label: str
    old: str
    new: str


class FieldError(TypedDict):
    """Messages about a field; `field` is a path, `label` is empty where no field is at fault."""

    field: str
    label: str
    messages: list[str]


class RuleChange(TypedDict):
    """A rule that a change breaks or mends; `refuses` says that it forbids publication."""

    rule: str
    title: str
    message: str
    refuses: bool


class ItemDict(TypedDict):
    """What a run does with one dataset; `dataset` is None where the account may not see it."""

    position: int
    dataset: NamedDataset | None
    operation: str
    state: str
    changes: list[FieldChange]
    unmet: list[RuleChange]
    met: list[RuleChange]
    errors: list[FieldError]
    note: dict[str, Any]


class RunDict(TypedDict):
    """A run; `summary` says what is set, `progress` how far it is, `account` is a user name."""

    id: str
    kind: str
    title: str
    account: str
    account_title: str
    created: str
    all_or_nothing: bool
    summary: list[str]
    progress: changes.Progress


class RunPage(RunDict):
    """A run with a page of its items; `count` is the number of items in the state asked for."""

    count: int
    results: list[ItemDict]


def run_states() -> dict[str, str]:
    """Return the states of a run in words."""
    return {
        tables.PREPARING: tk._("being checked"),
        tables.PLANNED: tk._("not applied yet"),
        tables.RUNNING: tk._("being applied"),
        tables.FINISHED: tk._("applied"),
        tables.REVERTING: tk._("being taken back"),
        tables.STOPPED: tk._("taken back"),
        tables.UNDOING: tk._("being undone"),
        tables.UNDONE: tk._("undone"),
    }


def item_states() -> dict[str, str]:
    """Return the states of an item in words."""
    return {
        tables.ITEM_PLANNED: tk._("to be changed"),
        tables.DONE: tk._("has been changed"),
        tables.REFUSED: tk._("refused"),
        tables.SKIPPED: tk._("already so"),
        tables.ITEM_UNDONE: tk._("undone"),
        tables.UNDO_REFUSED: tk._("could not be undone"),
    }


def operations() -> dict[str, str]:
    """Return what can be done with a field in words."""
    return {
        fields.ADD: tk._("Add to the values"),
        fields.REMOVE: tk._("Remove from the values"),
        fields.SET: tk._("Replace all values"),
        fields.CLEAR: tk._("Remove the value"),
    }


def run_page(run_id: str, scope: Scope, state: str, limit: int, offset: int) -> RunPage:
    """Return a run with a page of its items, in a constant number of statements.

    Args:
        run_id: the run.
        scope: of the account that asks: values of datasets that it does not edit are left out.
        state: state of the items, empty for all.
        limit: items on the page.
        offset: items before the page.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is no such run.
    """
    progress = changes.progress(run_id)
    query = _runs().where(Run.id == run_id)
    run = model.Session.execute(query).one()
    known = fields.by_name()
    titles = _rule_titles()
    rows = model.Session.execute(_items(run_id, state, limit, offset))
    return {
        **_run(run, progress, known),
        "count": progress["counts"].get(state, 0) if state else progress["total"],
        "results": [_item(row, scope, known, titles) for row in rows],
    }


def runs(account_id: str | None, limit: int, offset: int) -> tuple[int, list[RunDict]]:
    """Return the number of runs and a page of them, the newest first.

    Args:
        account_id: for the runs of an account; None for all.
        limit: runs on the page.
        offset: runs before the page.
    """
    condition = Run.account == account_id if account_id else sa.true()
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(Run).where(condition)) or 0
    query = _runs().where(condition).order_by(Run.created.desc(), Run.id)
    rows = model.Session.execute(query.limit(limit).offset(offset)).all()
    progress = changes.progress_of([row.id for row in rows])
    known = fields.by_name() if rows else {}
    return count, [_run(row, progress[row.id], known) for row in rows]


def _runs() -> sa.Select[Any]:
    return sa.select(
        *Run.__table__.c, model.User.name.label("user_name"), model.User.fullname
    ).join(model.User, model.User.id == Run.account)


def _run(run: Any, progress: changes.Progress, known: Mapping[str, Field]) -> RunDict:
    kind = KINDS.get(run.kind)
    return {
        "id": run.id,
        "kind": run.kind,
        "title": kind.title() if kind else run.kind,
        "account": run.user_name,
        "account_title": run.fullname or run.user_name,
        "created": run.created.isoformat(),
        "all_or_nothing": run.all_or_nothing,
        "summary": [_in_words(change, known) for change in _changes(run.request)],
        "progress": progress,
    }


def _changes(request: Any) -> list[Mapping[str, Any]]:
    """Return the changes of a stored request; one of another shape has none.

    A list of runs shows the others all the same.
    """
    stored = request.get("changes") if isinstance(request, Mapping) else None
    changes: list[Any] = stored if isinstance(stored, list) else []
    return [
        change
        for change in changes
        if isinstance(change, Mapping)
        and isinstance(change.get("field"), str)
        and change.get("operation") in fields.OPERATIONS
        and "value" in change
    ]


def _in_words(change: Mapping[str, Any], known: Mapping[str, Field]) -> str:
    field = known.get(change["field"])
    label = field.label if field else change["field"]
    if change["operation"] == fields.CLEAR:
        return f"{label}: {operations()[fields.CLEAR]}"
    value = shown(field, change["value"])
    if field and field.several:
        return f"{label}: {operations()[change['operation']]}: {value}"
    return f"{label}: {value}"


def _items(run_id: str, state: str, limit: int, offset: int) -> sa.Select[Any]:
    query = (
        sa.select(
            *Item.__table__.c,
            model.Package.name,
            model.Package.title,
            model.Package.owner_org,
        )
        .join(model.Package, model.Package.id == Item.dataset_id, isouter=True)
        .where(Item.run_id == run_id)
        .order_by(Item.position)
        .limit(limit)
        .offset(offset)
    )
    return query.where(Item.state == state) if state else query


def _item(
    row: Any, scope: Scope, known: Mapping[str, Field], titles: Mapping[str, str]
) -> ItemDict:
    item: ItemDict = {
        "position": row.position,
        "dataset": None,
        "operation": row.operation,
        "state": row.state,
        "changes": [],
        "unmet": [],
        "met": [],
        "errors": [],
        "note": row.note,
    }
    if row.name is not None and not scope.may_edit(row.owner_org):
        return item
    values = row.values or {}
    name = row.name or values.get("name") or ""
    title = row.title or values.get("title") or name
    return {
        **item,
        "dataset": {"id": row.dataset_id or "", "name": name, "title": title},
        "changes": differences(row.before or {}, values, known),
        "unmet": _rules(row.rules.get("unmet"), titles),
        "met": _rules(row.rules.get("met"), titles),
        "errors": _errors(row.errors, known),
    }


def differences(
    before: Mapping[str, Any], values: Mapping[str, Any], known: Mapping[str, Field]
) -> list[FieldChange]:
    """Return the fields that values change, with old and new value in words."""
    result: list[FieldChange] = []
    for name in steps.changes(before, dict(values)):
        field = known.get(fields.KEYWORDS if name == "tags" else name)
        result.append(
            {
                "field": name,
                "label": _label(name, known),
                "old": shown(field, before.get(name)),
                "new": shown(field, values[name]),
            }
        )
    return result


def shown(field: Field | None, value: Any) -> str:
    """Return a value of any shape in words."""
    if field is not None and field.name == fields.VISIBILITY:
        code = {True: fields.PRIVATE, False: fields.PUBLIC}.get(value) or str(value or "")
        return field.labels.get(code, code)
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, list):
        separator = ", " if field is None or field.kind in ("tags", "choices") else "; "
        return separator.join(filter(None, (shown(field, entry) for entry in value)))
    return _group(field, value) if isinstance(value, Mapping) else _text(field, value)


def _text(field: Field | None, value: Any) -> str:
    if field is None or not isinstance(value, str):
        return str(value)
    return tk.h.nd47_day(value) if field.kind == "date" else field.labels.get(value, value)


def _group(field: Field | None, group: Mapping[str, Any]) -> str:
    if field is None or not field.subfields:
        # A keyword or a file.
        return str(next((group[key] for key in ("name", "title", "url") if group.get(key)), ""))
    parts = (
        f"{subfield.label}: {shown(subfield, group[subfield.name])}"
        for subfield in field.subfields
        if group.get(subfield.name)
    )
    return ", ".join(parts)


def _label(name: str, known: Mapping[str, Field]) -> str:
    own = {"tags": fields.KEYWORDS}.get(name, name)
    if own in known:
        return known[own].label
    return {
        RESOURCES: tk._("Resources"),
        "name": tk._("Address"),
        saving.MESSAGE: "",
    }.get(name) or _schema_label(name)


def _schema_label(name: str) -> str:
    if name == saving.MESSAGE:
        return ""
    schema = tk.h.scheming_get_dataset_schema(dataset_fields.DEFAULT_TYPE) or {}
    for schema_field in schema.get("dataset_fields", ()):
        if schema_field["field_name"] == name:
            return scheming_language_text(schema_field.get("label") or name, http.language())
    return name


def _errors(errors: Mapping[str, list[str]], known: Mapping[str, Field]) -> list[FieldError]:
    return [
        {"field": path, "label": _label(path.partition(".")[0], known), "messages": messages}
        for path, messages in errors.items()
    ]


def _rules(
    rules: Iterable[Mapping[str, str]] | None, titles: Mapping[str, str]
) -> list[RuleChange]:
    return [
        {
            "rule": rule["rule"],
            "title": titles.get(rule["rule"], rule["rule"]),
            "message": rule["message"],
            "refuses": rule["level"] == "error",
        }
        for rule in rules or ()
    ]


def _rule_titles() -> dict[str, str]:
    language = http.language()
    return {
        rule.id: in_language(rule.title, language)
        for rules in edition.applied().values()
        for rule, _ in rules.rules
    }
