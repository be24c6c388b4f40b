"""Runs the migrations of the suite on the database that CKAN uses."""

from __future__ import annotations

from alembic import context
from sqlalchemy import engine_from_config, pool

from ckan.model.meta import metadata

VERSION_TABLE = "nd47_alembic_version"


def include_object(item, name, kind, reflected, compare_to):
    """Look at the suite's own tables only."""
    return kind != "table" or name.startswith("nd47_")


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
    with engine.connect() as connection:
        run(connection=connection)
