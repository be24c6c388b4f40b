"""Solr commits before a search, not at each save.

CKAN requests a hard commit whenever a dataset is saved, which takes Solr longer than the save takes
CKAN, and most tests never search. What a test sees is the same: before a search of this process,
what was sent until then is made visible by a soft commit. Other processes commit as CKAN does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pysolr
import pytest

COMMIT = "<commit />"


@pytest.fixture(scope="session", autouse=True)
def solr_commits_before_searches() -> Iterator[None]:
    """Postpone the commits of this process until its next search."""
    update, select = pysolr.Solr._update, pysolr.Solr._select  # pyright: ignore[reportPrivateUsage] # both are what every request passes through
    owner, waiting = os.getpid(), set[str]()

    def postponed(self: Any, message: Any, *args: Any, commit: Any = None, **kwargs: Any) -> Any:
        if not commit or os.getpid() != owner:
            return update(self, message, *args, commit=commit, **kwargs)
        waiting.add(self.url)
        if message == COMMIT:
            return None
        return update(self, message, *args, commit=False, **kwargs)

    def visible(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.url in waiting:
            waiting.discard(self.url)
            update(self, COMMIT, softCommit=True)
        return select(self, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pysolr.Solr, "_update", postponed)
        patch.setattr(pysolr.Solr, "_select", visible)
        yield
