"""What happened to a dataset stays, complete and unchangeable."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.approval import history
from tests.desk.approval.approval_office import decided, events, office, sent, written

__all__ = ["office"]


class TestHistory:
    def test_every_event_is_there_in_its_order(self, office):
        dataset_id = sent(office)
        decided(office, dataset_id, decision="ask-changes", reason="Sửa")
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        kinds = [one["event"] for one in reversed(events(office, dataset_id))]
        assert kinds == ["send", "ask-changes", "send", "approve", "publish"]

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE nd47_approval_event SET note = 'x'",
            "DELETE FROM nd47_approval_event",
            "TRUNCATE nd47_approval_event",
        ],
    )
    def test_nobody_changes_it(self, office, statement):
        dataset_id = sent(office)
        with pytest.raises(IntegrityError):
            model.Session.execute(sa.text(statement))
        model.Session.rollback()
        assert events(office, dataset_id)

    def test_it_outlives_the_dataset(self, office):
        dataset_id = sent(office)
        call_action("dataset_purge", id=dataset_id)
        assert history.of_dataset(dataset_id, 10, 0)["count"] == 1

    def test_its_file_has_no_formula(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_approval_send", id=dataset_id, note="=HYPERLINK(1)")
        content = history.as_csv(history.of_dataset(dataset_id, 10, 0)["results"]).decode("utf-8")
        assert "'=HYPERLINK" in content or ",=HYPERLINK" not in content
