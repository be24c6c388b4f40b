"""Operator and appearance of the portal, from the options."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from flask import g
from markupsafe import Markup

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.lib.fields.values import VIETNAM
from ckanext.nd47.lib.web import colours, http, portal_title
from ckanext.nd47.lib.web.portal_title import is_english

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<rect width="16" height="16" rx="3" fill="%s"/>'
    '<path d="M3 13V8h2.4v5zM6.8 13V3h2.4v10zM10.6 13V6H13v7z" fill="#fff"/></svg>'
)
"""Icon of a portal without one of its own: bars of data on its colour."""

MOMENT = "%Y-%m-%d %H:%M"


@dataclass(frozen=True)
class Maintenance:
    """A maintenance window, in the time zone of Viet Nam.

    Attributes:
        start: day and time of its start, empty if only the end is known.
        end: day and time of its end.
    """

    start: str
    end: str


def operator() -> str:
    """Return the agency that runs the portal, in the language of the page."""
    english = config.portal_text(config.PORTAL_OPERATOR_EN) if is_english() else ""
    return english or config.portal_text(config.PORTAL_OPERATOR_VI)


def slogan() -> str:
    """Return what the portal is, on one line in the language of the page.

    CKAN's description has one language, that of the portal.
    """
    own = str(tk.config["ckan.site_description"] or "")
    if own and not is_english():
        return " ".join(own.split())
    if run_by := operator():
        sentence = tk._("{portal}: open data of state agencies, run by {operator}.")
        return sentence.format(portal=portal_title.title(), operator=run_by)
    return tk._("{portal}: open data of state agencies.").format(portal=portal_title.title())


def colour() -> str:
    """Return the main colour; the default if the option has none with enough contrast."""
    try:
        chosen = colours.colour(config.portal_text(config.PORTAL_COLOUR))
    except ValueError:
        chosen = ""
    is_good = bool(chosen) and colours.is_readable(chosen)
    return chosen if is_good else config.declared_default(config.PORTAL_COLOUR)


def favicon() -> str:
    """Return the address of the icon of the portal; a drawing in its colour if none is set."""
    return picture(config.PORTAL_FAVICON) or f"data:image/svg+xml,{quote(ICON % colour())}"


def show_favicon() -> None:
    """Set the icon for the templates of CKAN and its themes, which read `g.favicon`."""
    if http.is_page():
        g.favicon = favicon()


def social_picture() -> str:
    """Return the absolute address of the picture for links on other sites, empty if none is set.

    The emblem serves if it is no SVG, which other sites do not show.
    """
    own = picture(config.PORTAL_PICTURE, absolute=True)
    emblem = picture(config.PORTAL_EMBLEM, absolute=True)
    return own or ("" if emblem.lower().endswith(".svg") else emblem)


def picture(option: str, *, absolute: bool = False) -> str:
    """Return the address of a picture of the portal, empty if none is set.

    Args:
        option: the option with the picture.
        absolute: with the address of the site, as other sites need it.
    """
    address = config.portal_text(option)
    if address.startswith("/"):
        address = tk.h.url_for_static(address)
    is_web = address.startswith(("/", "https://", "http://"))
    if not address or not is_web:
        return ""
    return urljoin(f"{config.site_base()}/", address) if absolute else address


def news() -> Markup | str:
    """Return the announcement in the language of the page."""
    option = config.PORTAL_NEWS_EN if is_english() else config.PORTAL_NEWS_VI
    return tk.h.render_markdown(config.portal_text(option), auto_link=False)


def maintenance() -> Maintenance | None:
    """Return the current or next maintenance window, None if there is none."""
    end = _moment(config.PORTAL_MAINTENANCE_UNTIL)
    if end is None or end < dt.datetime.now(VIETNAM):
        return None
    start = _moment(config.PORTAL_MAINTENANCE_FROM)
    return Maintenance(_in_words(start) if start else "", _in_words(end))


def _moment(option: str) -> dt.datetime | None:
    try:
        read = dt.datetime.strptime(config.portal_text(option), MOMENT)  # noqa: DTZ007 - set below
    except ValueError:
        return None
    return read.replace(tzinfo=VIETNAM)


def _in_words(moment: dt.datetime) -> str:
    return moment.strftime("%H:%M, %d/%m/%Y")
