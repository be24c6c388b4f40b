"""A decision about many and a publication at a moment: killed at any step, or done by two at once.

A dataset, its state and its history are one transaction: after a kill each of them is as before or
done, and the next run does the rest, each once.
"""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

import ckan.plugins.toolkit as tk
from ckan.lib.search import index as search_index

from ckanext.nd47.desk.approval import cases, publication
from ckanext.nd47.desk.work_list import model as work_tables
from tests.dcat.store.test_processes import ended, forked
from tests.desk.approval.approval_office import (
    APPROVED,
    NOT_YET,
    PUBLISHED,
    SCHEDULED,
    SUSPENDED,
    WAITING,
    approved,
    axes_of,
    events,
    is_public,
    later,
    make_due,
    office,
    sent,
    written,
)
from tests.desk.bulk.test_killed import PLUGINS, killing
from tests.desk.conftest import World
from tests.support.fixtures import portal_and_app

__all__ = ["office"]

DATASETS = 3

portal, app = portal_and_app(PLUGINS, prepare=work_tables.reset)


def between_two_events() -> None:
    killing(cases, "record", afterwards=True)


def before_the_save() -> None:
    killing(publication, "publish")


def between_index_and_commit() -> None:
    killing(search_index.PackageSearchIndex, "update_dict", afterwards=True)


def after_the_commit() -> None:
    killing(publication, "publish", afterwards=True)


FAULTS = (between_two_events, before_the_save, between_index_and_commit, after_the_commit)


def kill(fault: Callable[[], None], work: Callable[[], object]) -> None:
    def doomed() -> None:
        fault()
        work()

    assert ended(forked(doomed)) == -signal.SIGKILL


def decide(office: World, ids: list[str], account: str = "approver") -> list[bool]:
    given = {"ids": ids, "decision": "approve"}
    results = office.call(account, "nd47_approval_decide", **given)["results"]
    return [one["done"] for one in results]


def published(office: World, dataset_id: str) -> int:
    return [one["event"] for one in events(office, dataset_id)].count("publish")


def scheduled(office: World) -> str:
    """Return the id of an approved dataset whose moment has come."""
    dataset_id = written(office)
    office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
    office.call("editor", "nd47_approval_send", id=dataset_id)
    assert decide(office, [dataset_id]) == [True]
    make_due(dataset_id)
    return dataset_id


@pytest.mark.parametrize("fault", FAULTS)
def test_a_killed_decision_about_many_leaves_each_as_before_or_done(office, fault):
    ids = [sent(office) for _ in range(DATASETS)]
    kill(fault, lambda: decide(office, ids))
    before = [is_public(one) for one in ids]
    assert sum(before) < DATASETS
    for dataset_id, is_done in zip(ids, before, strict=True):
        expected = (APPROVED, PUBLISHED) if is_done else (WAITING, NOT_YET)
        assert axes_of(office, dataset_id)[:2] == expected
        kinds = [one["event"] for one in reversed(events(office, dataset_id))]
        assert kinds == (["send", "approve", "publish"] if is_done else ["send"])
    assert decide(office, ids) == [not is_done for is_done in before]
    assert all(is_public(one) for one in ids)
    assert [published(office, one) for one in ids] == [1] * DATASETS


@pytest.mark.parametrize("fault", FAULTS[1:])
def test_a_killed_publication_at_a_moment_is_done_by_the_next_run(office, fault):
    ids = [scheduled(office) for _ in range(DATASETS)]
    kill(fault, publication.publish_due)
    before = [is_public(one) for one in ids]
    assert 0 < sum(before) < DATASETS
    for dataset_id, is_done in zip(ids, before, strict=True):
        expected = (APPROVED, PUBLISHED if is_done else SCHEDULED)
        assert axes_of(office, dataset_id)[:2] == expected
        assert published(office, dataset_id) == is_done
    assert publication.publish_due() == (before.count(False), 0)
    assert all(is_public(one) for one in ids)
    assert [published(office, one) for one in ids] == [1] * DATASETS


def test_two_processes_publish_what_is_due_once(office):
    ids = [scheduled(office) for _ in range(DATASETS)]
    child = forked(publication.publish_due)
    _, refused = publication.publish_due()
    assert (ended(child), refused) == (0, 0)
    assert all(is_public(one) for one in ids)
    assert [published(office, one) for one in ids] == [1] * DATASETS


def test_two_processes_decide_about_the_same_datasets_once(office):
    ids = [sent(office) for _ in range(DATASETS)]
    child = forked(lambda: decide(office, ids, "second"))
    decide(office, ids)
    assert ended(child) == 0
    assert all(is_public(one) for one in ids)
    assert [published(office, one) for one in ids] == [1] * DATASETS


def test_two_processes_suspend_a_dataset_once(office):
    dataset_id = approved(office)

    def suspend() -> bool:
        try:
            office.call("editor", "nd47_publication_suspend", id=dataset_id, reason="Sửa số liệu")
        except tk.ValidationError:
            return False
        return True

    child = forked(lambda: None if suspend() else signal.raise_signal(signal.SIGUSR1))
    here = suspend()
    assert here != (ended(child) == 0)
    assert axes_of(office, dataset_id)[1] == SUSPENDED
    assert [one["event"] for one in events(office, dataset_id)].count("suspend") == 1
