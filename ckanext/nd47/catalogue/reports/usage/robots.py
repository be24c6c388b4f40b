"""Whether a program that asks for a page, a file or data is a robot.

The list is that of the package `crawler-user-agents`. It has libraries for HTTP too: who downloads
a file or asks the API with one of them is somebody's program, not a robot; who reads pages is one.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

LIBRARY = "http-library"
"""Tag of the list for libraries."""

ALSO_ROBOTS = r"bot\b|crawl|spider|HeadlessChrome"
"""What robots call themselves that no list knows yet."""

LONGEST = 400
"""Characters of a name that are looked at."""


@lru_cache(maxsize=4096)
def is_robot(user_agent: str, *, for_data: bool) -> bool:
    """Return whether the name that a program gives itself is that of a robot.

    Args:
        user_agent: the name; who gives none is a robot where pages are read.
        for_data: whether it asks for a file or for data, not for a page.
    """
    if not user_agent:
        return not for_data
    return _patterns(for_data=for_data).search(user_agent[:LONGEST]) is not None


@cache
def _patterns(*, for_data: bool) -> re.Pattern[str]:
    known = [
        entry["pattern"]
        for entry in CRAWLER_USER_AGENTS_DATA
        if not (for_data and LIBRARY in entry.get("tags", ()))
    ]
    return re.compile("|".join([*known, ALSO_ROBOTS]))
