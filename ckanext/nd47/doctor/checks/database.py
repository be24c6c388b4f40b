"""Checks of the database: encoding, clock and migrations."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

import ckan.migration
from ckan.model import meta

from ckanext.nd47.agencies import model as agencies
from ckanext.nd47.catalogue import health as catalogue_health
from ckanext.nd47.dcat import health
from ckanext.nd47.desk import health as desk_health
from ckanext.nd47.doctor.check import Check, Needs, Result, report
from ckanext.nd47.doctor.checks.plugins import GROUP
from ckanext.nd47.doctor.portal import Portal

SECONDS_APART = 5
"""Maximum difference between the clocks of this machine and the database."""

CORE = "alembic_version"
OURS = "nd47"
PACKAGE_PARTS = 2
"""Number of parts in the name of an extension's package, as in `ckanext.harvest`."""


def encoding(portal: Portal) -> Iterator[Result]:
    """Check that the database has a Unicode encoding."""
    with portal.database() as connection:
        letters = connection.execute(sa.text("SHOW server_encoding")).scalar()
    if letters != "UTF8":
        yield report("database-letters", value=letters)


def clock(portal: Portal) -> Iterator[Result]:
    """Compare the clock of this machine with that of the database."""
    with portal.database() as connection:
        before = time.time()
        database_time = float(
            connection.execute(sa.text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
        )
        after = time.time()
    apart = max(before - database_time, database_time - after, 0.0)
    if apart > SECONDS_APART:
        yield report("clock-apart", seconds=round(apart))


def migrations(portal: Portal) -> Iterator[Result]:
    """Compare the tables with the migrations of CKAN and each plugin."""
    with portal.database() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        if "package" not in tables:
            yield report("database-empty")
            return
        yield from _migrations_of(connection, tables, "", Path(ckan.migration.__path__[0]), CORE)
        for plugin, folder in plugin_migrations(portal).items():
            table = f"{plugin}_alembic_version"
            yield from _migrations_of(connection, tables, plugin, folder, table)


def _migrations_of(
    connection: sa.Connection, tables: set[str], plugin: str, folder: Path, table: str
) -> Iterator[Result]:
    command = f"ckan db upgrade -p {plugin}" if plugin else "ckan db upgrade"
    facts = {"plugin": plugin or "ckan", "line": command}
    scripts = ScriptDirectory.from_config(_alembic(folder))
    revisions: set[str] = set()
    if table in tables:
        query = sa.select(sa.column("version_num")).select_from(sa.table(table))
        revisions = set(connection.execute(query).scalars())
    of_ours = own_tables() if plugin == OURS else set()
    if not revisions:
        existing = sorted(of_ours & tables)
        yield (
            report("migration-half", **facts, tables=existing)
            if existing
            else report("migration-missing", **facts)
        )
        return
    if unknown := sorted(revision for revision in revisions if not _knows(scripts, revision)):
        yield report("migration-newer", **facts, version=unknown)
    elif revisions != set(scripts.get_heads()):
        yield report("migration-behind", **facts, version=sorted(revisions))
    elif missing := sorted(of_ours - tables):
        yield report("migration-half", **facts, tables=missing)


def _alembic(folder: Path) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _knows(scripts: ScriptDirectory, revision: str) -> bool:
    try:
        return scripts.get_revision(revision) is not None
    except CommandError:
        return False


def own_tables() -> set[str]:
    """Return the tables of the suite in this release."""
    model_tables = {table.name for table in meta.metadata.tables.values()}
    elsewhere = {*health.TABLES, *desk_health.TABLES, *catalogue_health.TABLES}
    mapped = {agencies.Agency.__tablename__, *elsewhere}
    own_names = {name for name in model_tables if name.startswith("nd47_")}
    return {name for name in own_names | mapped if not name.endswith(CORE)}


def plugin_migrations(portal: Portal) -> dict[str, Path]:
    """Return the migration folders of the plugins, without loading the plugins."""
    modules = {point.name: point.module for point in entry_points(group=GROUP)}
    folders = {}
    for plugin in dict.fromkeys(portal.plugins):
        package = ".".join(modules.get(plugin, "").split(".")[:PACKAGE_PARTS])
        spec = find_spec(package) if package else None
        for place in (spec and spec.submodule_search_locations) or ():
            folder = Path(place) / "migration" / plugin
            if (folder / "alembic.ini").is_file():
                folders[plugin] = folder
    return folders


CHECKS = (
    Check(encoding, ("database-letters",), Needs.DATABASE),
    Check(clock, ("clock-apart",), Needs.DATABASE),
    Check(
        migrations,
        (
            "database-empty",
            "migration-missing",
            "migration-behind",
            "migration-newer",
            "migration-half",
        ),
        Needs.DATABASE,
    ),
)
