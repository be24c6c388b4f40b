"""The migration up and down, and the portal without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli.db import (
    _run_migrations,  # pyright: ignore[reportPrivateUsage] # what `ckan db` runs
    db,
)
from ckan.tests.helpers import call_action

from ckanext.nd47.agencies import directory, migrated
from ckanext.nd47.catalogue import plugin as catalogues
from ckanext.nd47.catalogue.records import model as catalogue
from ckanext.nd47.catalogue.reports import model as months
from ckanext.nd47.desk import plugin as desk
from ckanext.nd47.desk.approval import model as approval
from ckanext.nd47.migrate import model as migrate_tables
from ckanext.nd47.tables import plugin as tables
from ckanext.nd47.tables.decisions import model as decisions
from tests.agencies.conftest import agency, dataset, focal_point, organisation_extras

pytestmark = pytest.mark.usefixtures("portal")

WITH_TABLES = (desk, tables, catalogues)
"""Plugins with tables that only their modules declare."""


def migrate(*, forward: bool) -> None:
    model.Session.commit()
    model.Session.remove()
    _run_migrations("nd47", "head" if forward else "base", forward)
    migrated.reset()
    migrate_tables.reset()


@pytest.fixture
def without_tables() -> Iterator[None]:
    migrate(forward=False)
    yield
    model.Session.rollback()
    if not migrated.ready():
        migrate(forward=True)


def test_down_and_up_keeps_what_organisations_had() -> None:
    top = agency("UBND tỉnh", identifier="H01", agency_level="province")
    made = agency(
        "Sở Một", identifier="H01.01", email="a@so1.example", groups=[{"name": top["name"]}]
    )
    focal_point(made["id"])
    migrate(forward=False)
    group: Any = model.Group.get(made["id"])
    assert group.extras["identifier"] == "H01.01"
    assert call_action("organization_show", id=made["id"])["email"] == "a@so1.example"
    migrate(forward=True)
    entry = call_action("nd47_agency_show", id="H01.01")
    assert (entry["parent"], entry["email"]) == (top["id"], "a@so1.example")
    assert organisation_extras(made) == {"identifier": "H01.01", "email": "a@so1.example"}
    assert call_action("nd47_agency_list", q="so mot")["count"] == 1


@pytest.fixture
def older_tables() -> Iterator[None]:
    """Tables of a revision that no longer exists."""
    current = model.Session.scalar(sa.text("SELECT version_num FROM nd47_alembic_version"))
    _set_revision("4700g1")
    yield
    _set_revision(current)


def _set_revision(revision: str) -> None:
    model.Session.execute(
        sa.text("UPDATE nd47_alembic_version SET version_num = :revision"), {"revision": revision}
    )
    model.Session.commit()


@pytest.mark.usefixtures("older_tables")
@pytest.mark.parametrize("command", ["upgrade", "downgrade"])
def test_tables_of_an_older_version_are_refused_with_a_sentence_that_says_what_to_do(
    command: str,
) -> None:
    result = CliRunner().invoke(db, [command, "-p", "nd47"])
    assert result.exit_code == 1
    assert "(revision 4700g1) and cannot be upgraded" in result.output
    assert "make clean" in result.output
    assert isinstance(result.exception, SystemExit)


def test_tables_of_this_version_are_upgraded() -> None:
    result = CliRunner().invoke(db, ["upgrade", "-p", "nd47"])
    assert (result.exit_code, "cannot be upgraded" in result.output) == (0, False)


@pytest.mark.usefixtures("without_tables")
class TestWithoutTables:
    def test_organisations_work_as_before(self) -> None:
        made = agency("Sở Hai", identifier="H02.01", email="b@so2.example")
        shown = call_action("organization_show", id=made["id"])
        assert (shown["identifier"], shown["email"]) == ("H02.01", "b@so2.example")
        assert directory.nearest_code(made["id"]) == "H02.01"
        assert dataset(made)["identifier"].startswith("H02.01-")

    def test_datasets_are_shown_with_the_contact_of_their_organisation(self) -> None:
        made = dataset(agency("Sở Nửa", email="c@sn.example"))
        shown = call_action("package_show", id=made["id"])
        assert shown["contact_points"][0]["email"] == "c@sn.example"

    def test_the_actions_say_what_to_run(self) -> None:
        with pytest.raises(tk.ValidationError, match="ckan db upgrade -p nd47"):
            call_action("nd47_focal_point_list")

    def test_the_older_of_two_agencies_keeps_a_code_and_the_other_a_note(self) -> None:
        old = agency("Sở Cũ", identifier="H03.01")
        new = agency("Sở Mới", identifier="H03.01")
        migrate(forward=True)
        assert call_action("nd47_agency_show", id=old["id"])["code"] == "H03.01"
        assert call_action("nd47_agency_show", id=new["id"])["code"] == ""
        note = call_action("nd47_register_history", agency=new["id"])["results"][0]
        assert note["before"] == {"code": "H03.01"}

    def test_a_loop_of_parents_is_broken(self) -> None:
        one, two = agency("Vòng Một"), agency("Vòng Hai")
        for child, parent in ((one, two), (two, one)):
            model.Session.add(
                model.Member(
                    group=model.Group.get(child["id"]), table_id=parent["id"], table_name="group"
                )
            )
        migrate(forward=True)
        parents = [call_action("nd47_agency_show", id=x["id"])["parent"] for x in (one, two)]
        assert sorted(map(bool, parents)) == [False, True]


def test_the_models_are_what_the_migration_made() -> None:
    """A column or constraint that only one of the two has is found here."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def own(_item: Any, name: str | None, kind: str, *_rest: Any) -> bool:
        return kind != "table" or (name or "").startswith("nd47_")

    model.Session.rollback()
    engine: Any = model.meta.engine
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": own, "compare_server_default": True}
        )
        # These are not among CKAN's tables, which tests empty.
        metadata: Any = [
            model.meta.registry.metadata,
            approval.events.metadata,
            catalogue.registry.metadata,
            months.months.metadata,
            decisions.decisions.metadata,
        ]
        differences = compare_metadata(context, metadata)
    found = [
        difference
        for difference in differences
        if "nd47_" in str(difference) and "alembic" not in str(difference)
    ]
    assert found == [], found


@pytest.mark.parametrize(
    "name",
    [
        "ex_nd47_focal_point_one_main",
        "fk_nd47_document_focal_point_id",
        "pk_nd47_history",
        "uq_nd47_agency_code",
    ],
)
def test_constraints_bear_their_names(name: str) -> None:
    found = model.Session.scalar(
        sa.text("SELECT count(*) FROM pg_constraint WHERE conname = :name"), {"name": name}
    )
    assert found == 1
