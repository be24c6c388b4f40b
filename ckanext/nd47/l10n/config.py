"""What the room reads from the configuration."""

from __future__ import annotations

import logging

from ckanext.nd47.l10n import abbreviations as lists
from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path

log = logging.getLogger(__name__)


def abbreviations() -> lists.Abbreviations:
    """Return the abbreviations of the package, with those of the portal.

    A broken file of the portal is left out and logged: search must go on.
    """
    standard = data_path("schemas", "abbreviations.yaml")
    own = config.abbreviations()
    if own is not None:
        try:
            return lists.load(standard, own)
        except lists.AbbreviationsError as error:
            log.error("Abbreviations of the portal are not used: %s", error)  # noqa: TRY400 - told
    return lists.load(standard)
