"""Changes of many datasets: asked for, applied and undone by an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.bulk import changes, fields
from ckanext.nd47.desk.bulk import model as tables
from tests.desk.conftest import World
from tests.metadata.conftest import new_name

DAILY = {"field": "frequency", "operation": "set", "value": "hang-ngay"}
TITLE = "Danh sách trường tiểu học"

Run = dict[str, Any]
Preview = Callable[..., Run]


@pytest.fixture
def preview(world: World) -> Preview:
    """Previews changes of datasets as an account."""

    def make(datasets: list[Any], *asked: Any, account: str = "editor", **more: Any) -> Run:
        ids = [dataset["id"] for dataset in datasets]
        return world.call(account, "nd47_bulk_preview", datasets=ids, changes=list(asked), **more)

    return make


@pytest.fixture
def applied(world: World, preview: Preview) -> Preview:
    """Previews and applies changes."""

    def make(*given: Any, account: str = "editor", **more: Any) -> Run:
        return apply(world, preview(*given, account=account, **more)["id"], account)

    return make


def change(field: str, operation: Any, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operation": operation, "value": value}


def show(world: World, run_id: str, account: str = "editor", **more: Any) -> Run:
    return world.call(account, "nd47_bulk_show", id=run_id, **more)


def apply(world: World, run_id: str, account: str = "editor") -> Run:
    world.call(account, "nd47_bulk_apply", id=run_id)
    changes.apply(run_id)
    return show(world, run_id, account)


def undo(world: World, run_id: str, account: str = "editor") -> Run:
    world.call(account, "nd47_bulk_undo", id=run_id)
    changes.undo(run_id)
    return show(world, run_id, account)


def stored(dataset: dict[str, Any]) -> dict[str, Any]:
    model.Session.expire_all()
    return call_action("package_show", id=dataset["id"])


def metadata(dataset: dict[str, Any]) -> dict[str, Any]:
    """Return a stored dataset without the moment of its last change."""
    return {key: value for key, value in stored(dataset).items() if key != "metadata_modified"}


def states(run: Run) -> list[str]:
    return [item["state"] for item in run["results"]]


def errors(item: dict[str, Any]) -> dict[str, list[str]]:
    return {error["field"]: error["messages"] for error in item["errors"]}


def new_word() -> str:
    """Return a word that no other test uses; without figures, at which the search splits words."""
    return "qz" + new_name()[-8:].translate(str.maketrans("0123456789-", "ghijklmnopq"))


def call_label(code: str) -> str:
    return dict(fields.by_name()["frequency"].choices)[code]


def rules_unmet(dataset: dict[str, Any]) -> set[str]:
    found = call_action("nd47_rule_check", id=dataset["id"], only_unmet=True)["results"]
    return {rule["rule"] for rule in found}


def rules_of(field: str) -> set[str]:
    return {
        rule["rule"] for rule in call_action("nd47_rule_list")["rules"] if field in rule["fields"]
    }


def themes() -> list[str]:
    return [code for code, _ in fields.by_name()["theme"].choices[:2]]


def translated(value: Any, vocabulary: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: translated(inner, vocabulary) for key, inner in value.items()}
    if isinstance(value, list):
        return [translated(inner, vocabulary) for inner in value]
    return vocabulary.get(value, value) if isinstance(value, str) else value


def runs() -> int:
    return model.Session.scalar(sa.select(sa.func.count()).select_from(tables.Run)) or 0


def refusing_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the second save of a run be refused."""
    module: Any = changes.steps.saving
    save, count = module.save, iter(range(100))

    def refuse(*given: Any) -> str:
        if next(count) == 1:
            raise tk.ValidationError({"message": ["Không được."]})
        return save(*given)

    monkeypatch.setattr(module, "save", refuse)


@pytest.fixture(autouse=True)
def no_runs(world: World) -> Any:
    """Delete the runs of a test."""
    yield
    model.Session.rollback()
    model.Session.execute(sa.delete(tables.Run))
    model.Session.commit()
