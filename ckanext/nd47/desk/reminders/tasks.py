"""Job of background workers for the reminders."""

from __future__ import annotations

import logging

from ckanext.nd47.desk.reminders import delivery, mailing, model
from ckanext.nd47.lib.calendar import dates

log = logging.getLogger(__name__)


def remind() -> None:
    """Send the reminders that are due today."""
    if model.ready() and delivery.is_possible():
        log.info("Reminders: %s", mailing.run(dates.today()))
