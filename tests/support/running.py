"""Two real portals for the tests: the sample province, and a stock one that harvests it.

They are started when the first test needs them and stopped with the run; a later run reuses their
databases and is quicker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dev.console import Steps
from dev.local import supervision
from dev.local.instances import HARVESTER, SAMPLE, Instance, account
from dev.local.run_folder import RUN
from dev.local.sample import fill
from dev.local.start import start_instance


@dataclass(frozen=True)
class Portal:
    """A running portal.

    Attributes:
        url: its address.
        sysadmin: name, password and token of a system administrator.
        editor: the same of a data officer; empty for a portal that has none.
        leader: the same of the leader of the province.
        approver: the same of an approver of three departments.
    """

    url: str
    ini: Path
    sysadmin: dict[str, str]
    editor: dict[str, str]
    leader: dict[str, str]
    approver: dict[str, str]


def running(instance: Instance) -> Portal:
    """Start an instance and return its address and token."""
    start_instance(instance, Steps(RUN / "logs" / "setup"))
    return Portal(
        instance.url,
        instance.ini,
        account(instance.name, "sysadmin"),
        account(instance.name, "editor"),
        account(instance.name, "leader"),
        account(instance.name, "approver"),
    )


@pytest.fixture(scope="session")
def province() -> Iterator[Portal]:
    """The sample province's portal, filled."""
    if not supervision.is_running():
        pytest.fail("the services do not run: call the tests with `make test`")
    portal = running(SAMPLE)
    fill(SAMPLE, Steps(RUN / "logs" / "setup"))
    yield portal
    supervision.stop(*SAMPLE.processes)


@pytest.fixture(scope="session")
def national() -> Iterator[Portal]:
    """The portal that plays the national one: stock ckanext-harvest and ckanext-dcat."""
    yield running(HARVESTER)
    supervision.stop(*HARVESTER.processes)
