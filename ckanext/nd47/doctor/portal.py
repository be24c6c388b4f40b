"""Access of the checks to the portal: configuration and services, started or not."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from configparser import Error as ConfigurationError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

import ckan.plugins.toolkit as tk
from ckan.cli import CKANConfigLoader
from ckan.common import config_declaration
from ckan.config.declaration import Declaration
from ckan.config.environment import CONFIG_FROM_ENV_VARS
from ckan.exceptions import CkanConfigurationException

from ckanext.nd47.lib import config as options
from ckanext.nd47.lib.data import read_yaml

SECONDS = 3
"""Timeout of services."""

ENVVARS = "envvars"
"""The plugin of ckanext-envvars, which overrides options by environment variables."""

PLUGINS = "ckan.plugins"

TOO_EARLY = frozenset({PLUGINS, "sqlalchemy.url"})
"""Options that CKAN reads before it loads ckanext-envvars."""

UNREADABLE = (ConfigurationError, CkanConfigurationException, OSError, UnicodeDecodeError)
"""Exceptions of `read` if the file is missing or invalid."""


class ConfigurationReader(CKANConfigLoader):
    """Reads a configuration as CKAN does, without setting up the logging that it describes.

    That would silence the loggers of the process, which may be a web server.
    """

    def _create_config_object(self) -> None:
        for filename in reversed(self._unwrap_config_chain(self.config_file)):
            self._read_config_file(filename)
            self._update_config()


@dataclass
class Portal:
    """Configuration and services for the checks.

    Attributes:
        file: the configuration file, None if unknown.
        written: options in the file.
        environment: environment variables.
        config: effective options.
        started: whether CKAN has started with them, in this process.
        headers: headers of the request in lower case; empty for a command.
        ask_workers: whether a job may be enqueued for the background workers.
    """

    file: Path | None
    written: Mapping[str, str]
    environment: Mapping[str, str]
    config: Mapping[str, Any]
    started: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    ask_workers: bool = False

    def text(self, option: str) -> str:
        """Return the value of an option as text, its default if it is not set."""
        value = self.config.get(option)
        if value is None:
            value = self._default(option)
        if isinstance(value, (list, tuple)):
            return " ".join(map(str, value))
        if isinstance(value, bool):
            return str(value).lower()
        return "" if value is None else str(value).strip()

    def is_true(self, option: str) -> bool:
        """Return whether an option is enabled."""
        return self.text(option).lower() in {"true", "yes", "on", "y", "t", "1"}

    def words(self, option: str) -> list[str]:
        """Return an option with a list of names."""
        return self.text(option).split()

    @property
    def file_name(self) -> str:
        """Name of the configuration file for texts of remedies."""
        return str(self.file or "ckan.ini")

    @cached_property
    def plugins(self) -> list[str]:
        """The configured plugins in their order."""
        return self.words("ckan.plugins")

    def has(self, plugin: str) -> bool:
        """Return whether a plugin is configured."""
        return plugin in self.plugins

    @cached_property
    def declared(self) -> Declaration:
        """The declared options of CKAN and of the suite, once started also those of others."""
        return config_declaration if self.started else _declared()

    def _default(self, option: str) -> Any:
        if self.has("nd47_portal") and option in options.portal_defaults():
            return options.portal_defaults()[option]
        declared = self.declared.get(option)
        if declared is None:
            return None
        if declared.legacy_key and self.config.get(declared.legacy_key) is not None:
            return self.config[declared.legacy_key]
        return declared.default if declared.has_default() else None

    @contextmanager
    def database(self) -> Iterator[sa.Connection]:
        """Connect to the database, independently of CKAN's session and with a short timeout."""
        engine = sa.create_engine(
            self.text("sqlalchemy.url"),
            poolclass=sa.NullPool,
            connect_args={"connect_timeout": SECONDS},
        )
        with engine.connect() as connection:
            connection.execute(sa.text(f"SET statement_timeout = {SECONDS * 1000}"))
            yield connection

    def redis(self) -> Redis:
        """Return a connection to Redis with a short timeout."""
        return Redis.from_url(
            self.text("ckan.redis.url"), socket_timeout=SECONDS, socket_connect_timeout=SECONDS
        )

    @cached_property
    def database_answers(self) -> bool:
        """Whether the database answers; tested once."""
        try:
            with self.database() as connection:
                connection.execute(sa.text("SELECT 1"))
        except (SQLAlchemyError, ValueError):
            return False
        return True

    @cached_property
    def redis_answers(self) -> bool:
        """Whether Redis answers; tested once."""
        try:
            return bool(self.redis().ping())
        except (RedisError, OSError, ValueError):
            return False


def read(file: Path, environment: Mapping[str, str] | None = None) -> Portal:
    """Read a configuration file and the environment, without starting anything.

    Raises:
        UNREADABLE: the file, or one that it includes, is missing or invalid.
    """
    variables = dict(os.environ if environment is None else environment)
    read_options: dict[str, Any] = dict(ConfigurationReader(str(file)).get_config())
    written = {key: value for key, value in read_options.items() if key not in os.environ}
    values = {**written, **from_environment(variables)}
    if ENVVARS in values.get("ckan.plugins", "").split():
        values |= {
            option: value
            for option, value in from_envvars(variables).items()
            if option not in TOO_EARLY
        }
        values[PLUGINS] = " ".join(with_variable(values[PLUGINS], variables))
    return Portal(file, written, variables, values)


def running(headers: Mapping[str, str] | None = None, *, ask_workers: bool = False) -> Portal:
    """Return the portal that has started in this process."""
    file = Path(tk.config["__file__"]) if tk.config.get("__file__") else None
    written: Mapping[str, str] = {}
    if file:
        # It may have been damaged since the portal started; a check reports it.
        with suppress(*UNREADABLE):
            written = read(file).written
    return Portal(
        file,
        written,
        dict(os.environ),
        tk.config,
        started=True,
        headers={key.lower(): value for key, value in (headers or {}).items()},
        ask_workers=ask_workers,
    )


def from_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the options that CKAN itself reads from the environment."""
    return {
        option: variables[name]
        for option, name in CONFIG_FROM_ENV_VARS.items()
        if variables.get(name)
    }


def from_envvars(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the options that ckanext-envvars reads from the environment, by its own rules."""
    return {
        option_of(name): value
        for name, value in variables.items()
        if name.startswith("CKAN") and "__" in name
    }


def with_variable(named: str, variables: Mapping[str, str]) -> list[str]:
    """Return the plugins of the file, then what else the variable of ckanext-envvars names.

    CKAN has loaded those of the file by then: ckanext-envvars loads the others, and removes none.
    """
    plugins = named.split()
    return [
        *plugins,
        *(
            plugin
            for plugin in from_envvars(variables).get(PLUGINS, "").split()
            if plugin not in plugins
        ),
    ]


def option_of(variable: str) -> str:
    """Return the option that ckanext-envvars sets from a variable."""
    key = variable.removeprefix("CKAN___").replace("__", ".")
    return key if _declared().get(key) else key.lower()


_known: list[Declaration] = []


def _declared() -> Declaration:
    """Return the declared options of CKAN and of the suite, without loading plugins."""
    if not _known:
        declaration = Declaration()
        declaration.load_core_declaration()
        content: Any = read_yaml(options.DECLARATION)
        declaration.load_dict(content)
        _known.append(declaration)
    return _known[0]
