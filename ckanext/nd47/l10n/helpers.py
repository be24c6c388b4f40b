"""Template helpers that write dates as Vietnamese offices do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_babel import get_locale

import ckan.plugins.toolkit as tk

__all__ = ["render_datetime"]

DATE = "%d/%m/%Y"
MINUTES = " %H:%M"
SECONDS = " %H:%M:%S"


@tk.chained_helper
def render_datetime(
    next_helper: Callable[..., str],
    datetime_: datetime | str | None,
    date_format: str | None = None,
    with_hours: bool = False,
    with_seconds: bool = False,
) -> str:
    """Render a date as 22/11/2026, with the time as 22/11/2026 15:04, in Vietnamese pages.

    CKAN's own pattern gives "tháng 11 22, 2026, 15:04 (+0700)" there. Other languages and explicit
    formats are left to it.

    Args:
        next_helper: CKAN's `render_datetime`; converts to the portal's time zone.
        datetime_: a date, or its ISO text.
        date_format: a `strftime` pattern; empty for the customary form of the language.
        with_hours: add hours and minutes.
        with_seconds: add hours, minutes and seconds.
    """
    if not date_format and str(get_locale()) == "vi":
        date_format = DATE + (SECONDS if with_seconds else MINUTES if with_hours else "")
    return next_helper(datetime_, date_format, with_hours, with_seconds)
