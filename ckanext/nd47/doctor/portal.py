"""The portal as the checks see it: its configuration, whether or not it has started."""

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
"""How long a service may take to answer."""

ENVVARS = "envvars"
"""The plugin of ckanext-envvars, which lays variables of the environment over the options."""

PLUGINS = "ckan.plugins"

TOO_EARLY = frozenset({PLUGINS, "sqlalchemy.url"})
"""Options that CKAN reads before it loads ckanext-envvars."""

UNREADABLE = (ConfigurationError, CkanConfigurationException, OSError, UnicodeDecodeError)
"""What `read` raises where the file is not there, or has another form."""


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
    """What the checks look at.

    Attributes:
        file: the configuration file, None where nobody knows it.
        written: options as the file has them.
        environment: variables of the environment.
        config: options as they hold.
        started: whether CKAN has started with them, in this process.
        headers: headers of the request, in small letters; empty for a command.
        ask_workers: whether background workers may be given a job.
    """

    file: Path | None
    written: Mapping[str, str]
    environment: Mapping[str, str]
    config: Mapping[str, Any]
    started: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    ask_workers: bool = False

    def text(self, option: str) -> str:
        """Return the value of an option as it is written in a file, its default where unset."""
        value = self.config.get(option)
        if value is None:
            value = self._default(option)
        if isinstance(value, (list, tuple)):
            return " ".join(map(str, value))
        if isinstance(value, bool):
            return str(value).lower()
        return "" if value is None else str(value).strip()

    def is_true(self, option: str) -> bool:
        """Say whether an option is switched on."""
        return self.text(option).lower() in {"true", "yes", "on", "y", "t", "1"}

    def words(self, option: str) -> list[str]:
        """Return an option that lists names."""
        return self.text(option).split()

    @property
    def file_name(self) -> str:
        """Name of the configuration file, as a remedy names it."""
        return str(self.file or "ckan.ini")

    @cached_property
    def plugins(self) -> list[str]:
        """The plugins that the portal names, in their order."""
        return self.words("ckan.plugins")

    def has(self, plugin: str) -> bool:
        """Say whether the portal names a plugin."""
        return plugin in self.plugins

    @cached_property
    def declared(self) -> Declaration:
        """The options of CKAN and of the suite; those of other extensions only when started."""
        return config_declaration if self.started else _declared()

    def _default(self, option: str) -> Any:
        declared = self.declared.get(option)
        if declared is None:
            return None
        if declared.legacy_key and self.config.get(declared.legacy_key) is not None:
            return self.config[declared.legacy_key]
        return declared.default if declared.has_default() else None

    @contextmanager
    def database(self) -> Iterator[sa.Connection]:
        """Connect to the database, apart from CKAN's session and for a few seconds only."""
        engine = sa.create_engine(
            self.text("sqlalchemy.url"),
            poolclass=sa.NullPool,
            connect_args={"connect_timeout": SECONDS},
        )
        with engine.connect() as connection:
            connection.execute(sa.text(f"SET statement_timeout = {SECONDS * 1000}"))
            yield connection

    def redis(self) -> Redis:
        """Return a connection to Redis that gives up after a few seconds."""
        return Redis.from_url(
            self.text("ckan.redis.url"), socket_timeout=SECONDS, socket_connect_timeout=SECONDS
        )

    @cached_property
    def database_answers(self) -> bool:
        """Whether the database answers; asked once."""
        try:
            with self.database() as connection:
                connection.execute(sa.text("SELECT 1"))
        except (SQLAlchemyError, ValueError):
            return False
        return True

    @cached_property
    def redis_answers(self) -> bool:
        """Whether Redis answers; asked once."""
        try:
            return bool(self.redis().ping())
        except (RedisError, OSError, ValueError):
            return False


def read(file: Path, environment: Mapping[str, str] | None = None) -> Portal:
    """Read a configuration file and the environment, without starting anything.

    Raises:
        UNREADABLE: the file, or one that it uses, is not there, or has another form.
    """
    variables = dict(os.environ if environment is None else environment)
    read_options: dict[str, Any] = dict(ConfigurationReader(str(file)).get_config())
    written = {key: value for key, value in read_options.items() if key not in os.environ}
    held = {**written, **from_environment(variables)}
    if ENVVARS in held.get("ckan.plugins", "").split():
        held |= {
            option: value
            for option, value in from_envvars(variables).items()
            if option not in TOO_EARLY
        }
        held[PLUGINS] = " ".join(with_variable(held[PLUGINS], variables))
    return Portal(file, written, variables, held)


def running(headers: Mapping[str, str] | None = None, *, ask_workers: bool = False) -> Portal:
    """Return the portal that has started in this process."""
    file = Path(tk.config["__file__"]) if tk.config.get("__file__") else None
    written: Mapping[str, str] = {}
    if file:
        # It may have been spoilt since the portal started; a check says so.
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
    """Return the options that CKAN itself takes from the environment."""
    return {
        option: variables[name]
        for option, name in CONFIG_FROM_ENV_VARS.items()
        if variables.get(name)
    }


def from_envvars(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the options that ckanext-envvars takes from the environment, by its own rule."""
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
        *(one for one in from_envvars(variables).get(PLUGINS, "").split() if one not in plugins),
    ]


def option_of(variable: str) -> str:
    """Return the option that a variable stands for to ckanext-envvars."""
    key = variable.removeprefix("CKAN___").replace("__", ".")
    return key if _declared().get(key) else key.lower()


_known: list[Declaration] = []


def _declared() -> Declaration:
    """Return the options of CKAN and of the suite, which no plugin has to be loaded for."""
    if not _known:
        declaration = Declaration()
        declaration.load_core_declaration()
        content: Any = read_yaml(options.DECLARATION)
        declaration.load_dict(content)
        _known.append(declaration)
    return _known[0]
