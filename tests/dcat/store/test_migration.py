"""The tables come and go, and the portal answers without them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.cli.db import _run_migrations  # pyright: ignore[reportPrivateUsage] # what `ckan db` runs
from ckan.tests.helpers import CKANTestApp

from ckanext.nd47.agencies import migrated
from ckanext.nd47.dcat.store import maintenance
from ckanext.nd47.dcat.store.model import Commit, Entry, Node, State
from tests.dcat.portal import dataset, entry


def migrate(*, forward: bool) -> None:
    model.Session.commit()
    model.Session.remove()
    _run_migrations("nd47", "head" if forward else "base", forward)
    migrated.reset()


def test_without_the_tables_datasets_are_saved_and_served(
    app: CKANTestApp, department: dict[str, Any]
) -> None:
    migrate(forward=False)
    try:
        assert not migrated.ready()
        made = dataset(department)
        assert made["id"] in app.get("/catalog.ttl", status=200).text
    finally:
        migrate(forward=True)
    assert entry(made["id"]) is None
    assert made["id"] in app.get("/catalog.ttl", status=200).text
    maintenance.rebuild()
    assert entry(made["id"]).state == "live"


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("mapped", [Commit, Entry, Node, State])
def test_the_migration_makes_what_the_model_says(mapped: Any) -> None:
    inspected = sa.inspect(model.meta.engine)
    assert inspected is not None
    table = mapped.__table__
    columns = {column["name"]: column["nullable"] for column in inspected.get_columns(table.name)}
    assert columns == {one.name: one.nullable for one in table.columns}
    assert {index["name"] for index in inspected.get_indexes(table.name)} >= {
        one.name for one in table.indexes
    }
    assert inspected.get_pk_constraint(table.name)["name"] == table.primary_key.name
    named = {constraint["name"] for constraint in inspected.get_check_constraints(table.name)}
    assert named == {one.name for one in table.constraints if isinstance(one, sa.CheckConstraint)}
