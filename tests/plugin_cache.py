"""Plugins stay loaded from one test to the next where both want the same ones.

CKAN's own `with_plugins` loads and unloads for each test, which parses every schema and builds
every registry again: two seconds on the machines of CI, many minutes over the suite. What a test
sees is the same: the plugins of `ckan.plugins`, the configuration as their loading leaves it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import ckan.plugins as p
from ckan import types
from ckan.common import config
from ckan.plugins import core


class Loaded:
    """What is loaded now, and what for.

    Attributes:
        asked: the plugins, and the options of the marks.
        options: the options as the loading changed them.
        changes: how often plugins were loaded or unloaded in this process, by whomever.
        seen: the same when this class last loaded something.
    """

    asked: Any = None
    options: Mapping[str, Any] = {}
    changes = 0
    seen = -1

    @classmethod
    def load(cls, asked: Any) -> None:
        """Load what the configuration asks for, and remember it."""
        p.unload_all()
        before = copy.deepcopy(dict(config))
        p.load_all()
        cls.options = {
            key: copy.deepcopy(value)
            for key, value in config.items()
            if key not in before or before[key] != value
        }
        cls.asked, cls.seen = asked, cls.changes

    @classmethod
    def is_in_force(cls) -> bool:
        """Say whether what this class loaded is still what is loaded.

        A fixture of a module may have loaded other plugins since then; they are not ours to unload.
        """
        return cls.asked is not None and cls.seen == cls.changes

    @classmethod
    def forget(cls) -> None:
        """Unload what was loaded here."""
        if cls.is_in_force():
            p.unload_all()
        cls.asked, cls.options = None, {}


@pytest.fixture(scope="session", autouse=True)
def plugin_changes_counted() -> Iterator[None]:
    """Count how often the set of loaded plugins changes."""
    update = core.plugins_update

    def counted() -> None:
        Loaded.changes += 1
        update()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "plugins_update", counted)
        yield


@pytest.fixture
def with_plugins(
    request: pytest.FixtureRequest,
    ckan_config: types.FixtureCkanConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Have the plugins of `ckan.plugins` and of the mark `with_plugins` loaded."""
    extra = [name for mark in request.node.iter_markers("with_plugins") for name in mark.args]
    current = ckan_config["ckan.plugins"]
    names = [*(current.split() if isinstance(current, str) else current), *extra]
    marks = [mark.args for mark in request.node.iter_markers("ckan_config")]
    asked = (names, marks)
    if Loaded.asked == asked and Loaded.is_in_force():
        config.update(copy.deepcopy(dict(Loaded.options)))
    else:
        monkeypatch.setitem(ckan_config, "ckan.plugins", names)
        Loaded.load(asked)


@pytest.fixture(autouse=True)
def no_plugins_unasked(request: pytest.FixtureRequest) -> None:
    """Unload what an earlier test had when this one asks for none."""
    if "with_plugins" not in request.fixturenames:
        Loaded.forget()
