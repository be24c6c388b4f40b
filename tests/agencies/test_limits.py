"""Lists of the register look for ten words, whoever asks for more."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from ckan import model
from ckan.tests.helpers import call_action

from tests.agencies.conftest import focal_point


@pytest.mark.parametrize("action", ["nd47_agency_list", "nd47_focal_point_list"])
def test_conditions_do_not_grow_with_the_words(action: str, department: dict[str, Any]) -> None:
    sizes: list[int] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sizes.append(len(statement))

    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        call_action(action, q="a b c d e f g h i j")
        most = max(sizes)
        call_action(action, q="a b c d e f g h i j " * 500)
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)
    assert max(sizes) <= most + 100


def test_words_of_a_name_still_find_its_agency(department: dict[str, Any]) -> None:
    focal_point(department["id"])
    for action in ("nd47_agency_list", "nd47_focal_point_list"):
        assert call_action(action, q="so giao duc va dao tao")["count"] == 1
        assert call_action(action, q="so giao duc va dao tao khac")["count"] == 0
