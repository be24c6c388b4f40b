"""What the plugins require of CKAN; if it is missing, a message explains it, not an ImportError.

`nd47_l10n` requires none of it and also runs on CKAN 2.11. The other plugins are imported together
with the packages that define tables; those packages call `require` first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import orm

import ckan
import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.exceptions import CkanConfigurationException

log = logging.getLogger(__name__)

MADE_FOR = "2.12"
"""The version of CKAN that the suite is written for and tested with."""

SEARCH_RESULTS = Path(ckan.__path__[0], "templates", "package", "snippets", "search_results.html")


class Need(NamedTuple):
    """Something that CKAN has from `MADE_FOR` on.

    Attributes:
        what: its name in messages.
        is_met: returns whether the installed CKAN has it.
    """

    what: str
    is_met: Callable[[], bool]


NEEDS = (
    Need("SQLAlchemy 2", lambda: hasattr(orm, "mapped_column")),
    Need(
        "extras in the rows of datasets and organisations (Package.extras, Group.extras)",
        lambda: "extras" in model.package_table.c and "extras" in model.group_table.c,
    ),
    Need(
        "indexing from the logic layer (ckan.logic.index_update_package)",
        lambda: hasattr(logic, "index_update_package"),
    ),
    Need(
        "search results in a template of their own (package/snippets/search_results.html)",
        SEARCH_RESULTS.is_file,
    ),
)


def missing() -> list[str]:
    """Return the requirements that the installed CKAN does not meet."""
    return [need.what for need in NEEDS if not need.is_met()]


def require() -> None:
    """Raise an error if CKAN does not meet the requirements.

    Raises:
        CkanConfigurationException: something is missing. The commands of CKAN print the message.
    """
    if lacking := missing():
        msg = (
            f"The plugins nd47, nd47_dcat, nd47_desk and nd47_portal need CKAN {MADE_FOR}: "
            f"CKAN {ckan.__version__} lacks {'; '.join(lacking)}. "
            f"Install CKAN {MADE_FOR} as docs/upgrade.md describes, or remove these plugins from "
            "ckan.plugins; nd47_l10n also runs on CKAN 2.11."
        )
        raise CkanConfigurationException(msg)


def warn_of_newer() -> None:
    """Log a warning if the suite was not tested with a CKAN as new as the installed one."""
    if not tk.check_ckan_version(max_version=f"{MADE_FOR}.999"):
        log.warning(
            "CKAN %s is newer than CKAN %s, with which ckanext-nd47 was tested. It has what the "
            "plugins need (%s). Try the portal before you open it, or install a newer ckanext-nd47",
            ckan.__version__,
            MADE_FOR,
            "; ".join(need.what for need in NEEDS),
        )
