"""Runs the migrations of the suite on the database that CKAN uses."""

from __future__ import annotations

import click
from alembic import context
from alembic.migration import MigrationContext
from sqlalchemy import engine_from_config, pool

from ckan.model.meta import metadata

VERSION_TABLE = "nd47_alembic_version"
OLDER_TABLES = (
    "The tables of ckanext-nd47 in this database are of a version before the first release"
    " (revision {revision}) and cannot be upgraded: in a development folder run `make clean`; on a"
    " portal run `ckan db downgrade -p nd47` with the older version, then install this one and run"
    " `ckan db upgrade -p nd47`."
)


def include_object(item, name, kind, reflected, compare_to):
    """Look at the suite's own tables only."""
    return kind != "table" or name.startswith("nd47_")


def refuse_older_tables(connection):
    """Say what to do about tables of a revision that this version does not know.

    Raises:
        click.ClickException: the tables are of such a revision.
    """
    options = {"version_table": VERSION_TABLE}
    revisions = {script.revision for script in context.script.walk_revisions()}
    for revision in MigrationContext.configure(connection, opts=options).get_current_heads():
        if revision not in revisions:
            raise click.ClickException(OLDER_TABLES.format(revision=revision))


def run(**options):
    """Run the migrations in one transaction."""
    context.configure(
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        include_object=include_object,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run(url=context.config.get_main_option("sqlalchemy.url"), literal_binds=True)
else:
    engine = engine_from_config(
        context.config.get_section(context.config.config_ini_section),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    # A connection of its own: the migrations are committed only on one that nothing was read from.
    with engine.connect() as connection:
        refuse_older_tables(connection)
    with engine.connect() as connection:
        run(connection=connection)
