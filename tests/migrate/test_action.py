"""Actions check access and input, and leave the work to a job."""

from __future__ import annotations

from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.migrate.conftest import Make
from tests.migrate.old_portal import SIMPLE

pytestmark = pytest.mark.usefixtures("portal")


ACTIONS = ("look", "map", "rehearse", "apply", "undo", "report", "status")


def test_the_action_leaves_the_work_to_a_job(make: Make) -> None:
    make(1)
    begun = call_action("nd47_migrate_apply", map=SIMPLE)
    assert begun["state"] == "running"
    titles = [job["title"] for job in call_action("job_list")]
    assert f"nd47 migrate {begun['id']}" in titles
    with pytest.raises(tk.ValidationError):
        call_action("nd47_migrate_apply", map=SIMPLE)
    call_action("job_clear")


@pytest.mark.parametrize(
    "parameters",
    [
        {"map": ["x"]},
        {"map": "fields: ["},
        {"map": SIMPLE, "corrections": "x"},
        {"map": SIMPLE, "corrections": {"x": {"khong_co": ["", "a"]}}},
        {"map": SIMPLE, "corrections": {"x": {"frequency": "a"}}},
        {},
    ],
)
@pytest.mark.parametrize("name", ["rehearse", "apply"])
def test_actions_refuse_what_is_no_map(name: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(tk.ValidationError):
        call_action(f"nd47_migrate_{name}", **parameters)


@pytest.mark.parametrize("name", ACTIONS)
def test_nobody_but_sysadmins_brings_datasets_in(name: str) -> None:
    user = factories.User()
    with pytest.raises(tk.NotAuthorized):
        call_action(f"nd47_migrate_{name}", {"user": user["name"], "ignore_auth": False})
