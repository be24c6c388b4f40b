"""Lists of the register look for ten words at most."""

from __future__ import annotations

from typing import Any

import pytest

from ckan.tests.helpers import call_action

from tests.agencies.conftest import focal_point
from tests.support.statements import statements


@pytest.mark.parametrize("action", ["nd47_agency_list", "nd47_focal_point_list"])
def test_conditions_do_not_grow_with_the_words(action: str, department: dict[str, Any]) -> None:
    with statements() as few:
        call_action(action, q="a b c d e f g h i j")
    with statements() as many:
        call_action(action, q="a b c d e f g h i j " * 500)
    assert max(map(len, many)) <= max(map(len, few)) + 100


def test_words_of_a_name_still_find_its_agency(department: dict[str, Any]) -> None:
    focal_point(department["id"])
    for action in ("nd47_agency_list", "nd47_focal_point_list"):
        assert call_action(action, q="so giao duc va dao tao")["count"] == 1
        assert call_action(action, q="so giao duc va dao tao khac")["count"] == 0
