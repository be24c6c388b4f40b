"""The tests of the settings use the portal of the tests of `metadata`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ckan import model
from ckan.lib import app_globals
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.lib import config
from ckanext.nd47.settings import options
from tests.metadata.conftest import (  # noqa: F401 - fixtures
    PLUGINS,
    app,
    browse,
    create,
    department,
    officer,
    portal,
    province,
    without_rules,
)

PAGE = "/ckan-admin/nd47"
OWN_PREFIX = "ckanext.nd47."


def forget() -> None:
    """Delete what was changed at run time, without touching the options that a test has set."""
    for one in options.SETTINGS:
        model.delete_system_info(one.option)
    model.delete_system_info(options.LAST_UPDATE)
    # CKAN reads its options again when this differs from the table, over those that a test has set.
    setattr(app_globals.app_globals, "_config_update", None)  # noqa: B010 - private to CKAN


@pytest.fixture
def clean_settings(non_clean_db: None) -> Iterator[None]:
    """Nothing was changed at run time, before the test or after it."""
    forget()
    yield
    forget()


@pytest.fixture
def sysadmin(clean_settings: None) -> dict[str, str]:
    """Headers of a system administrator."""
    return {"Authorization": factories.SysadminWithToken()["token"]}


def update(**options: Any) -> dict[str, Any]:
    """Change options as CKAN's action does; names of `config` in small letters."""
    keys = {getattr(config, name.upper()): value for name, value in options.items()}
    return call_action("config_option_update", **keys)
