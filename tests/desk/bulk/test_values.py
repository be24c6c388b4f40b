"""New values of a dataset from what is to be set, added or removed."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.nd47.desk.bulk import fields, values

CONTACT = fields.Field("contact", "Liên hệ", "groups")


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "by_name", lambda *_given: {"contact": CONTACT})


def changed(operation: str, value: Any, stored: Any) -> Any:
    request = {"changes": [{"field": "contact", "operation": operation, "value": value}]}
    return values.computed(request, {"type": "dataset", "contact": stored})["contact"]


@pytest.mark.usefixtures("known")
class TestGroups:
    def test_a_group_with_the_same_values_is_not_added(self):
        stored = [{"name": "Nguyễn Văn A", "email": "a@so.example"}]
        assert changed("add", [{"name": "nguyễn văn a"}], stored) == stored

    def test_another_group_is_added(self):
        new = {"name": "B"}
        assert changed("add", [new], [{"name": "A"}]) == [{"name": "A"}, new]

    def test_a_group_with_all_the_values_is_removed(self):
        stored = [{"name": "A", "email": "a@so.example"}, {"name": "B"}]
        assert changed("remove", [{"name": "a"}], stored) == [{"name": "B"}]

    def test_what_is_no_group_stays(self):
        assert changed("remove", [{"name": "A"}], ["x", {"name": "A"}]) == ["x"]

    def test_each_text_is_read_once(self, monkeypatch: pytest.MonkeyPatch):
        read: list[Any] = []
        monkeypatch.setattr(values, "_written", lambda value: read.append(value) or value)
        groups = [{"name": f"A {number}"} for number in range(40)]
        changed("add", groups, [{"name": f"B {number}"} for number in range(40)])
        assert len(read) == 80
