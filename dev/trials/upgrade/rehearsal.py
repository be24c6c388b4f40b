"""The rehearsal itself: fill, note, dump, restore, upgrade, switch on the suite, compare."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from dev.console import Steps, Stopped, last_line, run, say
from dev.local.instances import Instance, make_databases, make_roles, provision
from dev.local.run_folder import REPOSITORY, RUN, own_environment, ports, secret
from dev.local.servers import bring_in_core, postgres_bin, sql
from dev.local.start import servers
from dev.local.toolchain import VENV
from dev.trials.other_ckans import CKAN_211
from dev.trials.upgrade.compare import OWN, differences, new_tables
from dev.trials.upgrade.preflight import QUESTIONS

BEFORE = "stats activity harvest ckan_harvester datastore datatables_view text_view image_view"
SUITE = "nd47 nd47_dcat nd47_l10n scheming_datasets scheming_organizations dcat"
SHOWN = 20
"""How many differences are printed."""

Snapshot = dict[str, Any]


def instances() -> tuple[Instance, Instance, Instance]:
    """Return the portal before, the same on CKAN 2.12, and the same with the suite."""
    shared = (("ckan.site_id", "upgrade"), ("SECRET_KEY", secret("upgrade.key")))
    old = Instance("upgrade_old", "upgrade", 11, options=shared, venv=CKAN_211.venv)
    new = replace(old, name="upgrade_new", redis=12, venv=VENV)
    return old, new, replace(new, options=(*shared, ("ckan.plugins", f"{SUITE} {BEFORE}")))


def rehearse() -> int:
    """Run the rehearsal; 0 if nothing is lost and every page responds."""
    with servers("upgrade-rehearsal") as steps:
        CKAN_211.install(steps)
        started = time.monotonic()
        code = go_through(steps)
        say(f"The rehearsal took {time.monotonic() - started:.0f} s.")
        return code


def go_through(steps: Steps) -> int:
    """Run every step of docs/upgrade.md, and print the differences."""
    old, new, with_suite = instances()
    credentials = portal_of_211(old, steps)
    before = take_snapshot(old, credentials, steps, "before")
    ask_before(old, steps)
    move(old, new, steps)
    with steps.step("CKAN 2.12: ckan db upgrade, search-index rebuild", "upgrade-ckan") as log:
        bring_up(new, log)
    upgraded = take_snapshot(new, credentials, steps, "upgraded")
    with steps.step("The suite: ckan db upgrade, search-index rebuild", "upgrade-suite") as log:
        bring_up(with_suite, log)
    suite = take_snapshot(with_suite, credentials, steps, "suite")
    figures(before)
    differing = report("CKAN 2.12", before, upgraded) + report(
        "CKAN 2.12 with the suite", before, suite
    )
    return 1 if differing else 0


def portal_of_211(old: Instance, steps: Steps) -> dict[str, str]:
    """Create a portal on CKAN 2.11; return its credentials."""
    with steps.step(f"A portal on CKAN {CKAN_211.version()}", "upgrade-fill") as log:
        for instance in instances()[:2]:
            for database in (instance.database, f"{instance.database}_datastore"):
                sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE);", log)
            shutil.rmtree(storage(instance), ignore_errors=True)
        storage(old).mkdir(parents=True)
        bring_in_core(old.name, old.venv)
        make_roles(log)
        make_databases(old, log)
        old.write_ini()
        ckan(old, log, "search-index", "clear")
        provision(old, log)
        return json.loads(python(old, "dev.trials.upgrade.fill", log))


def ask_before(old: Instance, steps: Steps) -> None:
    """Query the database for what would prevent the upgrade or be lost by it."""
    with steps.step("The questions before an upgrade", "upgrade-questions") as log:
        for question in QUESTIONS:
            count = query(old.database, question.query, log)
            if count != "0":
                raise Stopped(f"{question.name}: {count}", "see docs/upgrade.md", log)


def move(old: Instance, new: Instance, steps: Steps) -> None:
    """Dump the databases and restore them under other names; copy the files."""
    with steps.step("Dump and restore of databases and files", "upgrade-move") as log:
        make_databases(new, log)
        for suffix in ("", "_datastore"):
            dump = RUN / f"upgrade{suffix}.dump"
            failed = "the database could not be moved"
            password = {"PGPASSWORD": secret("postgres")}
            run(
                [postgres_bin("pg_dump"), "-Fc", *at(f"{old.database}{suffix}"), "-f", dump],
                log,
                failed,
                env=password,
            )
            run(
                [postgres_bin("pg_restore"), *at(f"{new.database}{suffix}"), dump],
                log,
                failed,
                env=password,
            )
            dump.unlink()
        shutil.copytree(storage(old), storage(new))


def at(database: str) -> list[str]:
    """Return the arguments that lead a PostgreSQL program to a database."""
    return [f"--dbname=postgresql://postgres@127.0.0.1:{ports()['postgres']}/{database}"]


def query(database: str, statement: str, log: Path) -> str:
    """Return the only value that a query gives."""
    command = [postgres_bin("psql"), "--no-psqlrc", "-At", *at(database), "-c", statement]
    done = subprocess.run(
        list(map(str, command)),
        env={**os.environ, "PGPASSWORD": secret("postgres")},
        capture_output=True,
        text=True,
        check=False,
    )
    log.write_text(done.stderr, encoding="utf-8")
    if done.returncode:
        raise Stopped(f"the database refused a question ({last_line(log)})", log=log)
    return done.stdout.strip()


def bring_up(instance: Instance, log: Path) -> None:
    """Bring tables, DataStore and search index to the version of CKAN in the environment."""
    bring_in_core(instance.name, instance.venv)
    instance.write_ini()
    provision(instance, log)
    # Entries of private datasets of an earlier rehearsal would stay.
    ckan(instance, log, "search-index", "clear")
    ckan(instance, log, "search-index", "rebuild")


def take_snapshot(
    instance: Instance, credentials: dict[str, str], steps: Steps, name: str
) -> Snapshot:
    """Return the data and responses of the portal."""
    with steps.step(f"Snapshot of the portal ({name})", f"upgrade-{name}") as log:
        return json.loads(
            python(instance, "dev.trials.upgrade.snapshot", log, json.dumps(credentials))
        )


def storage(instance: Instance) -> Path:
    """Return the folder of the uploaded files."""
    return Path(instance.settings()["ckan.storage_path"])


def ckan(instance: Instance, log: Path, *arguments: str) -> None:
    """Run a command of CKAN on a portal."""
    command = [instance.venv / "bin" / "ckan", "-c", instance.ini, *arguments]
    run(command, log, f"ckan {' '.join(arguments)} failed", cwd=REPOSITORY)


def python(instance: Instance, module: str, log: Path, stdin: str = "") -> str:
    """Run a module of this repository on a portal; return the last line that it prints."""
    done = subprocess.run(
        [str(instance.venv / "bin" / "python"), "-m", module, str(instance.ini)],
        env=own_environment(),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
    log.write_text(done.stderr, encoding="utf-8")
    if done.returncode:
        raise Stopped(f"{module} failed on {instance.name} ({last_line(log)})", log=log)
    return done.stdout.splitlines()[-1]


def figures(before: Snapshot) -> None:
    """Print how much was compared."""
    rows = sum(map(len, before["rows"].values()))
    tables = sum(map(len, before["tables"].values()))
    say(
        f"Compared: {rows} rows in {len(before['rows'])} tables, {tables} rows in "
        f"{len(before['tables'])} tables of the DataStore, {len(before['files'])} files, "
        f"{len(before['pages'])} pages, {len(before['shown'])} datasets by the API."
    )


def report(title: str, before: Snapshot, after: Snapshot) -> int:
    """Print the differences, and return their number."""
    messages = differences(before, after)
    added = new_tables(before["rows"], after["rows"])
    others = [table for table in added if not table.startswith(OWN)]
    own = len(added) - len(others)
    say(
        f"{title}: {len(messages)} differences; new tables: {', '.join(others) or 'none'}; "
        f"ours: {own}."
    )
    for line in messages[:SHOWN]:
        say(f"  {line}")
    if len(messages) > SHOWN:
        say(f"  … and {len(messages) - SHOWN} more")
    return len(messages)
