"""Plugins and web application remain loaded while tests need the same ones.

CKAN's own `with_plugins` and `make_app` load all plugins for each test, which parses every schema,
builds every registry and compiles every template again: seconds on the machines of CI, many minutes
over the suite. For a test nothing changes: it has the plugins of `ckan.plugins`, the configuration
as their loading leaves it, a client without cookies. If plugins or options differ, everything is
loaded again.
"""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points
from types import CodeType
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import Engine
from webassets.bundle import Bundle

import ckan.plugins as p
from ckan import types
from ckan.common import config
from ckan.config import environment
from ckan.config.middleware import make_app as make_application
from ckan.lib import jinja_extensions
from ckan.lib.app_globals import (
    _CONFIG_CACHE,  # pyright: ignore[reportPrivateUsage]  # as CKAN's own fixture
    reset,
)
from ckan.model import user as user_model
from ckan.plugins import core
from ckan.tests.helpers import CKANTestApp

PASSWORD_ROUNDS = 100
COMPUTED = ("plugin_public_paths", "plugin_template_paths", "computed_template_paths")
"""Options that each loading creates again, in lists shared with earlier loadings."""

COMPILED_STATEMENTS = 2_000
"""How many compiled statements an engine keeps: those of all tests of a process."""

_ABSENT = object()


def snapshot() -> dict[str, Any]:
    """Return the configuration without the options that loading creates."""
    return {key: copy.deepcopy(value) for key, value in config.items() if key not in COMPUTED}


def difference(before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options changed since a snapshot, and those that loading creates."""
    return {
        key: copy.deepcopy(value)
        for key, value in config.items()
        if before.get(key, _ABSENT) != value
    }


def load_all() -> None:
    """Load the plugins of the configuration; without any, CKAN is still set up by its options."""
    p.load_all()
    if not config["ckan.plugins"]:
        core.plugins_update()


class Plugins:
    """The plugins that are loaded.

    Attributes:
        requested: their names, and the options of the marks.
        options: the options as the loading changed them.
        config: the whole configuration after that.
        changes: how often plugins were loaded or unloaded in this process, by any code.
        seen: the same when this class last loaded something.
        modules: how many portals of modules rely on them at the moment.
    """

    requested: Any = None
    options: Mapping[str, Any] = {}
    config: Mapping[str, Any] = {}
    changes = 0
    seen = -1
    modules = 0

    @classmethod
    def load(cls, names: list[str], marks: list[tuple[Any, ...]] | None = None) -> None:
        """Load these plugins unless they are loaded, with the resulting configuration."""
        requested = (names, marks or [])
        config["ckan.plugins"] = names
        if cls.requested == requested and cls.is_in_force():
            config.update(copy.deepcopy(dict(cls.options)))
            return
        p.unload_all()
        before = snapshot()
        load_all()
        cls.options, cls.config = difference(before), snapshot()
        cls.requested, cls.seen = requested, cls.changes

    @classmethod
    def is_in_force(cls) -> bool:
        """Return whether the plugins that this class loaded are still loaded.

        A test may have loaded other plugins since then, which this class must not unload.
        """
        return cls.requested is not None and cls.seen == cls.changes

    @classmethod
    def unload(cls) -> None:
        """Unload the plugins that were loaded here."""
        if cls.is_in_force():
            p.unload_all()
        cls.requested, cls.options = None, {}


class Application:
    """The web application that was created last.

    Attributes:
        app: the application.
        config: its configuration.
        options: the options that its creation changed.
        changes: `Plugins.changes` at its creation.
    """

    app: Any = None
    config: Mapping[str, Any] = {}
    options: Mapping[str, Any] = {}
    changes = -1

    @classmethod
    def client(cls) -> CKANTestApp:
        """Return a client of the portal with the configuration as it is."""
        # CKAN copies options into its globals once, and from there back into the configuration.
        _CONFIG_CACHE.clear()
        config["testing"] = True
        before = snapshot()
        if cls.changes == Plugins.changes and cls.config == before:
            config.update(copy.deepcopy(dict(cls.options)))
            # As the creation of an application does: what a test changes is not the file's value.
            reset()
            return CKANTestApp(cls.app)
        unchanged = Plugins.is_in_force() and Plugins.config == before
        cls.app = make_application(config)
        cls.config, cls.options, cls.changes = before, difference(before), Plugins.changes
        if unchanged:
            # The same plugins were loaded once more, with the same options.
            Plugins.seen = Plugins.changes
        return CKANTestApp(cls.app)


@pytest.fixture(scope="session", autouse=True)
def plugin_changes_counted() -> Iterator[None]:
    """Count how often the set of loaded plugins changes."""
    update = core.plugins_update

    def counted() -> None:
        Plugins.changes += 1
        update()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "plugins_update", counted)
        yield


def stack_without_sources(_context: int = 1) -> list[inspect.FrameInfo]:
    """Return the stack of the caller, without the lines of source code."""
    frames: list[inspect.FrameInfo] = []
    frame = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # the public function also looks for the sources
    while frame:
        code = frame.f_code
        information = (code.co_filename, frame.f_lineno, code.co_name, None, None)
        frames.append(inspect.FrameInfo(frame, *information))
        frame = frame.f_back
    return frames


def remembering(load: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a reader of YAML that parses a text once and returns copies of the result."""
    contents: dict[str | bytes, Any] = {}

    def safe_load(stream: Any) -> Any:
        file = None if isinstance(stream, (str, bytes)) else stream
        text = file.read() if file else stream
        if text not in contents:
            try:
                contents[text] = load(text)
            except yaml.YAMLError:
                if not file:
                    raise
                file.seek(0)
                return load(file)  # the message has the name of the file
        return copy.deepcopy(contents[text])

    return safe_load


def same_engine(create: Callable[..., Engine]) -> Callable[[dict[str, Any]], Engine]:
    """Return a function that creates one engine for the same options of SQLAlchemy.

    CKAN closes its connections after each loading; what remains are the compiled statements.
    """
    engines: dict[tuple[tuple[str, str], ...], Engine] = {}

    def engine_from_config(options: dict[str, Any]) -> Engine:
        own = sorted((key, str(options[key])) for key in options if key.startswith("sqlalchemy."))
        key = tuple(own)
        if key not in engines:
            engines[key] = create(options, query_cache_size=COMPILED_STATEMENTS)
        return engines[key]

    return engine_from_config


class CompiledTemplates(BytecodeCache):
    """The templates that any application of this process has compiled."""

    def __init__(self) -> None:
        self.compiled: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code of a template with this name, file and source."""
        bucket.code = self.compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self.compiled[bucket.key, bucket.checksum] = bucket.code


def with_templates(options: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Return a function that gives all environments of Jinja the same compiled templates."""
    templates = CompiledTemplates()
    return lambda: {**options(), "bytecode_cache": templates}


def remembering_urls(urls: Callable[..., list[str]]) -> Callable[[Bundle], list[str]]:
    """Return a method that builds a bundle of assets once; each loading makes new bundles."""

    def of_bundle(bundle: Bundle) -> list[str]:
        known = vars(bundle)
        if "known_urls" not in known:
            known["known_urls"] = urls(bundle)
        return list(known["known_urls"])

    return of_bundle


def pytest_configure(config: pytest.Config) -> None:
    """Have the same answers from what takes half of the time of loading plugins.

    CKAN loads the plugins of the configuration for the first time when the session starts.

    - CKAN's toolkit asks for the stack whenever a plugin adds a folder, for the name of a file.
      Under pytest the stack is deep, and finding its sources takes as long as loading the plugin.
    - For each plugin, the metadata of all installed packages are read.
    - Schemas, presets and asset bundles are parsed again, twice for each loading.
    - SQLAlchemy gets a new engine, which has to compile every statement again.
    - Jinja gets a new environment, which has to compile every template again: a fifth of the time
      of the pages. Whether an asset has to be built again is asked for each asset of each page.
    """
    patch = pytest.MonkeyPatch()
    # The module of CKAN 2.11 does not have this name, and creates engines as before.
    patch.setattr(
        environment, "engine_from_config", same_engine(sa.engine_from_config), raising=False
    )
    patch.setattr(inspect, "stack", stack_without_sources)
    patch.setattr(core, "entry_points", cache(entry_points))
    patch.setattr(yaml, "safe_load", remembering(yaml.safe_load))
    options = with_templates(jinja_extensions.get_jinja_env_options)
    patch.setattr(jinja_extensions, "get_jinja_env_options", options)
    patch.setattr(Bundle, "urls", remembering_urls(Bundle.urls))
    config.add_cleanup(patch.undo)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash passwords in few rounds: tests create hundreds of accounts."""
    cheap = user_model.pbkdf2_sha512.using(rounds=PASSWORD_ROUNDS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user_model, "pbkdf2_sha512", cheap)
        yield


@pytest.fixture
def with_plugins(request: pytest.FixtureRequest, ckan_config: types.FixtureCkanConfig) -> None:
    """Load the plugins of `ckan.plugins` and of the mark `with_plugins`."""
    extra = [name for mark in request.node.iter_markers("with_plugins") for name in mark.args]
    current = ckan_config["ckan.plugins"]
    names = [*(current.split() if isinstance(current, str) else current), *extra]
    marks = [mark.args for mark in request.node.iter_markers("ckan_config")]
    Plugins.load(names, [mark for mark in marks if mark[0] != "ckan.plugins"])


@pytest.fixture
def make_app(ckan_config: types.FixtureCkanConfig) -> Callable[[], CKANTestApp]:
    """Create clients; `app` uses it."""
    return Application.client


@pytest.fixture(autouse=True)
def no_plugins_unasked(request: pytest.FixtureRequest) -> None:
    """Unload the plugins of an earlier test if this one needs none."""
    if "with_plugins" not in request.fixturenames and not Plugins.modules:
        Plugins.unload()
