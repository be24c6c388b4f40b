"""CKAN's Atom feeds in the language of the request, with links that lead somewhere.

CKAN writes every feed in English, its links without the name of the server, and the number of a
page as text of a parameter that no page reads (`?query=page&query=2`).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import ckan.plugins.toolkit as tk
from ckan.views.feed import CKANFeed

PAGE = "page"
ABOUT = {
    "feeds.organization": ("organization.read", "Organization"),
    "feeds.group": ("group.read", "Group"),
}
"""Page of what a feed is about, and the word before its title in CKAN's title of the feed."""


class Feed(CKANFeed):
    """A feed of datasets."""

    def __init__(
        self, feed_title: str, feed_link: str, feed_description: str, **given: Any
    ) -> None:
        """Write what CKAN says of the feed anew.

        Args:
            feed_title: the title that CKAN gives it, with the name of what it is about.
            feed_link: not used, as the language and `feed_url` are not.
            feed_description: not used.
            given: `author_name`, `feed_guid` and the links to other pages.
        """
        number = tk.h.get_page_number(tk.request.args)
        last = _last(given["last_page"])
        # CKAN compares with its 12.6 and offers a page 13.
        goes_on = number < last if last else bool(given["next_page"])
        own = {
            "language": tk.h.lang(),
            "feed_url": _address(number),
            "previous_page": _address(number - 1) if given["previous_page"] else None,
            "next_page": _address(number + 1) if goes_on else None,
            "first_page": _address(1),
            "last_page": _address(last) if last else None,
        }
        title, description = _titles(feed_title)
        super().__init__(title, _about(), description, **{**given, **own})


def _address(number: int) -> str:
    """Return the address of a page of the feed that was asked for."""
    given = [(key, value) for key, value in tk.request.args.items(multi=True) if key != PAGE]
    query = urlencode(given if number <= 1 else [*given, (PAGE, str(number))])
    address = _external(str(tk.request.endpoint), **(tk.request.view_args or {}))
    return f"{address}?{query}" if query else address


def _about() -> str:
    """Return the address of the page that shows what the feed is about."""
    endpoint, given = tk.request.endpoint, tk.request.view_args or {}
    if endpoint in ABOUT:
        return _external(ABOUT[endpoint][0], **given)
    if endpoint == "feeds.tag":
        return _external("dataset.search", tags=given["id"])
    search = {key: value for key, value in tk.request.args.items() if key != PAGE}
    return _external("dataset.search", **search if endpoint == "feeds.custom" else {})


def _external(endpoint: str, **values: Any) -> str:
    return tk.url_for(endpoint, **values, _external=True)


def _last(address: str | None) -> int:
    """Return the number of the last page, 0 where CKAN does not say it.

    CKAN divides and adds one for the rest, but forgets to round down: 12.6 stands for 12.
    """
    numbers = [value for _key, value in parse_qsl(urlsplit(address or "").query)]
    try:
        return int(float(numbers[-1])) if PAGE in numbers else 0
    except (ValueError, OverflowError):
        return 0


def _titles(given: str) -> tuple[str, str]:
    """Return title and description of the feed."""
    site = tk.config["ckan.site_title"]
    everything = tk._("New or updated datasets on {site}").format(site=site)
    endpoint = tk.request.endpoint
    if endpoint == "feeds.tag":
        name = (tk.request.view_args or {})["id"]
    elif endpoint in ABOUT:
        name = given.removeprefix(f'{site} - {ABOUT[endpoint][1]}: "').removesuffix('"')
    elif endpoint == "feeds.custom":
        name = tk.request.args.get("q", "")
    else:
        name = ""
    if not name:
        return everything, everything
    return tk._("{name}: new or updated datasets").format(name=name), f"{everything}: {name}"
