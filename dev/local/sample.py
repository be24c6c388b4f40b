"""Filling a portal with the sample province, through its public API."""

from __future__ import annotations

import subprocess

from dev.console import Steps, Stopped, last_line
from dev.local.instances import Instance, account
from dev.local.run_folder import (
    REPOSITORY,
    RUN,
    is_done,
    mark_done,
    own_environment,
    write_private,
)
from dev.local.servers import POSTGRES
from dev.local.toolchain import program


def sources() -> list:
    """Return the files the sample province is made from."""
    return sorted(
        p for p in (REPOSITORY / "dev" / "province").rglob("*") if p.suffix in {".py", ".yaml"}
    )


def fill(instance: Instance, steps: Steps) -> None:
    """Load the sample province unless it is there already; an interrupted load goes on.

    It is loaded once: what a user changes or deletes afterwards stays changed.
    """
    step = f"sample-{instance.name}"
    cluster = str((POSTGRES / "PG_VERSION").stat().st_mtime_ns)
    if is_done(step, cluster):
        return
    token = RUN / f"{instance.name}.token"
    write_private(token, account(instance.name, "sysadmin")["token"])
    command = [
        program("python"),
        "-m",
        "dev.province",
        "--url",
        instance.url,
        "--token-file",
        token,
    ]
    with steps.step("Sample province", step) as log:
        with log.open("ab") as errors:
            # Its progress goes to the terminal: this is the longest step after the installation.
            done = subprocess.run(
                [str(part) for part in command], stderr=errors, check=False, cwd=REPOSITORY
            )
            if not done.returncode:
                history = [program("python"), "-m", "dev.province.history", str(instance.ini)]
                done = subprocess.run(
                    history,
                    env=own_environment(),
                    stdout=errors,
                    stderr=errors,
                    check=False,
                    cwd=REPOSITORY,
                )
        if done.returncode:
            raise Stopped(f"the sample province could not be loaded ({last_line(log)})", log=log)
        mark_done(step, cluster)
