"""How fast the work list is: 2,000 agencies, 4,000 focal points, 10,000 datasets.

Run by `make bench`, or alone by `python -m bench.desk` with the variables of a test database. Every
dataset has something to do: each lacks some values, a third are overdue, a tenth are drafts.
"""

from __future__ import annotations

import json
import time
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context

from bench import empty_portal
from bench.agencies import DATASETS, fill, key, measured
from ckanext.nd47.agencies.access import account_roles
from ckanext.nd47.desk.work_list.store import examine, refresh
from ckanext.nd47.lib.calendar import dates

PLUGINS = "nd47_desk nd47 nd47_dcat nd47_l10n scheming_datasets scheming_organizations dcat"
LIMIT_MS = 300.0
"""Of the median repetition of a page."""

LIMIT_REBUILD = 30.0
"""Seconds for all datasets."""

PAGES = {
    "/work": "sysadmin",
    "/work?kind=unmet-rules&page=300": "sysadmin",
    "/work?q=bo+du+lieu+99": "sysadmin",
    "/work?sort=title": "sysadmin",
    "/work/agencies": "sysadmin",
    "/work (leader of all)": "leader",
    "/work (editor of an agency with 5,000)": "editor",
    "/ckan-admin/nd47-work/rules": "sysadmin",
}


def main() -> int:
    """Measure, print the figures, and return 1 where a limit is broken."""
    app = empty_portal({"ckan.plugins": PLUGINS})
    fill()
    vary()
    begun = time.perf_counter()
    refresh.rebuild()
    rebuilt = time.perf_counter() - begun
    model.Session.execute(sa.text("ANALYZE"))
    model.Session.commit()
    print(f"rebuild of {DATASETS} datasets: {rebuilt:.1f} s")  # noqa: T201 - the figures
    tokens = accounts()
    client = CKANTestApp(app)
    figures = {
        name: measured(
            lambda name=name, account=account: client.get(
                name.partition(" (")[0],
                headers={"Authorization": tokens[account]},
                status=200,
            )
        )
        for name, account in PAGES.items()
    }
    figures["nd47_work_list, 10,000 things"] = measured(everything)
    figures["one dataset at its commit"] = measured(one)
    print(f"{'':<44} {'best':>8} {'median':>8} {'statements':>11}")  # noqa: T201 - the figures
    for name, (best, median, statements) in figures.items():
        print(f"{name:<44} {best:8.1f} {median:8.1f} {statements:11d}")  # noqa: T201
    fast = all(figures[name][1] < LIMIT_MS for name in PAGES)
    return 0 if fast and rebuilt < LIMIT_REBUILD else 1


def vary() -> None:
    """Give the datasets update frequencies and states."""
    overdue = json.dumps({"frequency": "hang-nam", "modified": "2021-01-05"})
    current = json.dumps(
        {"frequency": "hang-nam", "modified": dates.today().isoformat(), "theme": '["giao-duc"]'}
    )
    model.Session.execute(
        sa.text(
            "UPDATE package SET state = CASE WHEN n % 10 = 0 THEN 'draft' ELSE 'active' END,"
            " extras = CASE WHEN n % 3 = 0 THEN :overdue ELSE :current END ::jsonb"
            " FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM package) numbered"
            " WHERE numbered.id = package.id"
        ),
        {"overdue": overdue, "current": current},
    )
    model.Session.commit()


def accounts() -> dict[str, str]:
    """Create accounts and return their tokens by role."""
    users = {
        "sysadmin": factories.Sysadmin(),
        "leader": factories.User(),
        "editor": factories.User(),
    }
    leader = model.Session.get_one(model.User, users["leader"]["id"])
    account_roles.grant(key(0), leader, account_roles.LEADER, "")
    model.Session.add(
        model.Member(
            group_id=key(0), table_id=users["editor"]["id"], table_name="user", capacity="editor"
        )
    )
    model.Session.commit()
    return {role: factories.APIToken(user=user["name"])["token"] for role, user in users.items()}


def everything() -> Any:
    """Return as many things as one answer has at most."""
    context = Context(ignore_auth=True, user="")
    return tk.get_action("nd47_work_list")(context, {"limit": DATASETS})


def one() -> None:
    """Examine one dataset, as its save does."""
    examine.write([key(7, 2)])
    model.Session.rollback()


if __name__ == "__main__":
    raise SystemExit(main())
