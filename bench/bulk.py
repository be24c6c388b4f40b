"""How long a change of 1,000 datasets takes that are chosen in the list: preview, change, undo.

Run by `make bench`, or alone by `python -m bench.bulk` with the variables of a test database; a
number sets how many datasets. It makes what the worker does, in slices. All plugins that a portal
with a desk has are on. Seconds of the processor are told beside those of the clock: they are nearly
the same on a machine where something else is at work.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.types import Context

from bench import empty_portal
from bench.spreadsheet import PLUGINS, until_it_ends
from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.desk.bulk import model as tables

DATASETS, QUICK = 1_000, 50
LIMIT = 300.0
"""Seconds of the processor for the preview and the change of 1,000 datasets."""

CHANGES = [
    {"field": "frequency", "operation": "set", "value": "hang-nam"},
    {"field": "tag_string", "operation": "add", "value": "trường học"},
]


def main(arguments: list[str]) -> int:
    """Measure, print the figures, and return 1 where the limit is broken.

    Args:
        arguments: `--quick` for a few datasets, or how many.
    """
    numbers = [int(argument) for argument in arguments if argument.isdigit()]
    datasets = numbers[0] if numbers else QUICK if "--quick" in arguments else DATASETS
    empty_portal({"ckan.plugins": PLUGINS}, ("activity", "nd47"))
    agency = factories.Organization(title="Sở Giáo dục và Đào tạo")
    account: str = factories.Sysadmin()["name"]
    fill(account, agency["id"], datasets)
    context = Context(user=account)
    asked = {"search": {"q": "*:*"}, "changes": CHANGES}
    with measured("preview", datasets) as preview:
        run: dict[str, Any] = tk.get_action("nd47_bulk_preview")(context, asked)
        until_it_ends(run["id"], changes.prepare, tables.PREPARING)
    with measured("change", datasets) as change:
        tk.get_action("nd47_bulk_apply")(context, {"id": run["id"]})
        until_it_ends(run["id"], changes.apply, tables.RUNNING)
    done = changes.progress(run["id"])["counts"].get(tables.DONE, 0)
    with measured("undo", datasets):
        tk.get_action("nd47_bulk_undo")(context, {"id": run["id"]})
        until_it_ends(run["id"], changes.undo, tables.UNDOING)
    undone = changes.progress(run["id"])["counts"].get(tables.ITEM_UNDONE, 0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{done} changed, {undone} undone; at most {memory:.0f} MB")  # noqa: T201 - the figures
    is_slow = sum(preview) + sum(change) > LIMIT * datasets / DATASETS
    return int(is_slow or not done == undone == datasets)


def fill(account: str, agency_id: str, datasets: int) -> None:
    """Create the datasets; the index makes them visible at the end."""
    for number in range(datasets):
        data = {
            "name": f"danh-sach-truong-hoc-{number}",
            "title": f"Danh sách trường học số {number}",
            "notes": "Danh sách trường học trên địa bàn.",
            "owner_org": agency_id,
            "sharing_class": "du-lieu-mo",
        }
        tk.get_action("package_create")(Context(user=account), data)
        model.Session.remove()


@contextmanager
def measured(name: str, datasets: int) -> Iterator[list[float]]:
    """Print how long a block takes; the list has its seconds of the processor afterwards."""
    clock, processor, found = time.perf_counter(), time.process_time(), list[float]()
    yield found
    found.append(time.process_time() - processor)
    print(  # noqa: T201 - the figures are the result
        f"{name:<8} of {datasets} datasets: {found[0]:.1f} s of the processor, "
        f"{time.perf_counter() - clock:.1f} s in all",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
