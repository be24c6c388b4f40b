"""CKAN's Atom feeds in the language of the request, with working links.

CKAN writes all feeds in English, links without the host, and page numbers in a parameter that it
does not read (`?query=page&query=2`).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import ckan.plugins.toolkit as tk
from ckan.views.feed import CKANFeed

PAGE = "page"
SUBJECT_PAGES = {
    "feeds.organization": ("organization.read", "Organization"),
    "feeds.group": ("group.read", "Group"),
}
"""Endpoint of the page of a feed's subject, and the word before its title in CKAN's feed title."""


class Feed(CKANFeed):
    """A feed of datasets."""

    def __init__(
        self, feed_title: str, feed_link: str, feed_description: str, **ckan_values: Any
    ) -> None:
        """Create a feed with titles and links in place of CKAN's.

        Args:
            feed_title: CKAN's title, which contains the title of the subject.
            feed_link: not used, like the language and `feed_url`.
            feed_description: not used.
            ckan_values: `author_name`, `feed_guid` and the links to other pages.
        """
        page = tk.h.get_page_number(tk.request.args)
        last_page = _last_page(ckan_values["last_page"])
        if page > max(last_page, 1):
            tk.abort(404, tk._("There is no such page in this list."))
        # CKAN compares with its last page of 12.6 and links to a page 13.
        has_next = page < last_page if last_page else bool(ckan_values["next_page"])
        changed_values = {
            "language": tk.h.lang(),
            "feed_url": _page_url(page),
            "previous_page": _page_url(page - 1) if ckan_values["previous_page"] else None,
            "next_page": _page_url(page + 1) if has_next else None,
            "first_page": _page_url(1),
            "last_page": _page_url(last_page) if last_page else None,
        }
        title, description = _titles(feed_title)
        super().__init__(title, _subject_url(), description, **{**ckan_values, **changed_values})


def _page_url(page: int) -> str:
    """Return the address of a page of the requested feed."""
    params = [(key, value) for key, value in tk.request.args.items(multi=True) if key != PAGE]
    query = urlencode(params if page <= 1 else [*params, (PAGE, str(page))])
    url = _external_url(str(tk.request.endpoint), **(tk.request.view_args or {}))
    return f"{url}?{query}" if query else url


def _subject_url() -> str:
    """Return the address of the page of the feed's subject."""
    endpoint, view_args = tk.request.endpoint, tk.request.view_args or {}
    if endpoint in SUBJECT_PAGES:
        return _external_url(SUBJECT_PAGES[endpoint][0], **view_args)
    if endpoint == "feeds.tag":
        return _external_url("dataset.search", tags=view_args["id"])
    search = {key: value for key, value in tk.request.args.items() if key != PAGE}
    return _external_url("dataset.search", **search if endpoint == "feeds.custom" else {})


def _external_url(endpoint: str, **values: Any) -> str:
    return tk.url_for(endpoint, **values, _external=True)


def _last_page(address: str | None) -> int:
    """Return the number of the last page, 0 if CKAN has none.

    CKAN does not round down the number of pages: 12.6 means 12.
    """
    numbers = [value for _key, value in parse_qsl(urlsplit(address or "").query)]
    try:
        return int(float(numbers[-1])) if PAGE in numbers else 0
    except (ValueError, OverflowError):
        return 0


def _titles(ckan_title: str) -> tuple[str, str]:
    """Return title and description of the feed."""
    site = tk.config["ckan.site_title"]
    default = tk._("New or updated datasets on {site}").format(site=site)
    endpoint = tk.request.endpoint
    if endpoint == "feeds.tag":
        subject = (tk.request.view_args or {})["id"]
    elif endpoint in SUBJECT_PAGES:
        prefix = f'{site} - {SUBJECT_PAGES[endpoint][1]}: "'
        subject = ckan_title.removeprefix(prefix).removesuffix('"')
    elif endpoint == "feeds.custom":
        subject = tk.request.args.get("q", "")
    else:
        subject = ""
    if not subject:
        return default, default
    return tk._("{name}: new or updated datasets").format(name=subject), f"{default}: {subject}"
