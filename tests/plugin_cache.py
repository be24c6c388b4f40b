"""Plugins stay loaded from one test to the next where both want the same ones.

CKAN's own `with_plugins` loads and unloads for each test, which parses every schema and builds
every registry again: two seconds on the machines of CI, many minutes over the suite. What a test
sees is the same: the plugins of `ckan.plugins`, the configuration as their loading leaves it.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

import ckan.plugins as p
from ckan import types
from ckan.common import config


class Loaded:
    """What is loaded now: the plugins and options it was asked with, and the resulting options."""

    asked: Any = None
    options: dict[str, Any] | None = None

    @classmethod
    def forget(cls) -> None:
        """Unload everything."""
        cls.asked = cls.options = None
        p.unload_all()


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
    if Loaded.asked == asked and Loaded.options is not None:
        config.clear()
        config.update(copy.deepcopy(Loaded.options))
    else:
        Loaded.forget()
        monkeypatch.setitem(ckan_config, "ckan.plugins", names)
        p.load_all()
        Loaded.asked, Loaded.options = asked, copy.deepcopy(dict(config))


@pytest.fixture(autouse=True)
def no_plugins_unasked(request: pytest.FixtureRequest) -> None:
    """Unload what an earlier test had when this one asks for none."""
    if Loaded.asked and "with_plugins" not in request.fixturenames:
        Loaded.forget()
