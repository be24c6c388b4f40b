"""The order in which a portal comes up: programs, servers, instances."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from dev.console import Steps, Stopped
from dev.local import mail, supervision
from dev.local.instances import INSTANCES, PORTAL, Instance, make_cores_of_all, prepare
from dev.local.machine import PORTAL_NEEDS, Need, check_disk, install_packages
from dev.local.run_folder import RUN, choose_ports, locked, make_run_folder
from dev.local.servers import (
    SERVERS,
    make_cluster,
    postgres_answers,
    redis_answers,
    server_programs,
    solr_answers,
    wait_until,
)
from dev.local.toolchain import install, program


def new_steps() -> Steps:
    """Return the numbered steps of this call."""
    make_run_folder()
    return Steps(RUN / "logs" / "setup")


def set_up(steps: Steps, needs: tuple[Need, ...] = PORTAL_NEEDS) -> None:
    """Bring in everything that must be there before a server can start."""
    check_disk(first=not program("ckan").exists())
    install_packages(steps, needs)
    install(steps)


def programs() -> list[supervision.Program]:
    """Return all programs of this run folder; which of them start is decided later."""
    of_instances = [each for instance in INSTANCES for each in instance.programs()]
    return [*server_programs(), *mail.programs(), *of_instances]


def prepare_servers(steps: Steps) -> None:
    """Create the servers' data folders where they are missing, and choose the ports."""
    choose_ports()
    make_cores_of_all()
    make_cluster(steps.logs / "cluster.log")


def start_servers(steps: Steps) -> None:
    """Start PostgreSQL, Redis and Solr and wait until they answer."""
    with steps.step("PostgreSQL, Redis and Solr", "servers"):
        supervision.start(*SERVERS)
        wait_until(postgres_answers, "postgres")
        wait_until(redis_answers, "redis")
        wait_until(lambda: solr_answers(PORTAL.name), "solr")


def refuse_lodgers() -> None:
    """Stop a command that would lose its services at the end of another one.

    Raises:
        Stopped: the services run for another command, which ends them.
    """
    if owner := supervision.owner():
        remedy = f"wait for the end of `{owner}` and call this again; make stop ends both"
        raise Stopped(f"the services run for `{owner}`, which ends them", remedy)


@contextmanager
def servers(command: str, needs: tuple[Need, ...] = PORTAL_NEEDS) -> Iterator[Steps]:
    """Have PostgreSQL, Redis and Solr run for the time of a block, set up first if need be.

    Servers that run already stay afterwards. Until they answer the run folder is locked, as two
    commands that start at the same time would both find nothing that runs.

    Args:
        command: the word of the Makefile.
        needs: what must be installed on this machine.
    """
    steps = new_steps()
    with ExitStack() as stack:
        with locked(command):
            set_up(steps, needs)
            if supervision.is_running():
                refuse_lodgers()
            else:
                prepare_servers(steps)
                stack.enter_context(supervision.session(programs(), f"make {command}"))
                start_servers(steps)
        yield steps


def start_instance(instance: Instance, steps: Steps) -> None:
    """Bring an instance up and wait until its pages can be read."""
    prepare(instance, steps)
    with steps.step(f"CKAN ({instance.name})", f"start-{instance.name}"):
        supervision.start(*instance.processes)
        instance.wait()
