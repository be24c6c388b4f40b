"""How many statements a save adds for the export."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.dcat.store import session_hooks
from tests.dcat.portal import dataset, entry

MOST = 6
"""Without those of the savepoint that an error is caught with."""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that the export sends while a transaction is committed."""
    sent: list[str] = []
    write = session_hooks.write

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "SAVEPOINT" not in statement:
            sent.append(" ".join(statement.split()))

    def listened(noted: Any) -> bool:
        event.listen(model.meta.engine, "before_cursor_execute", note)
        try:
            return write(noted)
        finally:
            event.remove(model.meta.engine, "before_cursor_execute", note)

    monkeypatch.setattr(session_hooks, "write", listened)
    return sent


def test_a_save_asks_for_each_fact_once(department: dict[str, Any], statements: list[str]) -> None:
    made = dataset(department)
    shown = call_action("package_show", id=made["id"])
    statements.clear()
    call_action("package_update", **{**shown, "version": "2.0"})
    assert entry(made["id"]).nt.count('"2.0"') == 1
    assert len(statements) <= MOST, statements
    assert len(set(statements)) == len(statements), statements
    assert sum("nd47_focal_point" in statement for statement in statements) == 1, statements
