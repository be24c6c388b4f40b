"""Validation of the options of the public pages."""

from __future__ import annotations

import datetime as dt
import re

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.web import colours

LINE_LIMIT = 300
PATH = re.compile(r"/(?![/\\])")
"""Start of a path on the portal; two slashes would be another site."""

MOMENT = "%Y-%m-%d %H:%M"


def line(value: str) -> str:
    """Return a text of one line."""
    if len(value) > LINE_LIMIT:
        raise tk.Invalid(
            tk._("This is too long: at most {limit} characters.").format(limit=LINE_LIMIT)
        )
    return values.one_line(value)


def mailbox(value: str) -> str:
    """Return an e-mail address."""
    try:
        return values.email(value) if value else value
    except ValueError as error:
        message = tk._("“{value}” is not an e-mail address.")
        raise tk.Invalid(message.format(value=value[:80])) from error


def picture(value: str) -> str:
    """Return the address of a picture, on the portal or elsewhere."""
    if not value:
        return value
    message = tk._("“{value}” is not the address of a picture. It starts with https:// or with /.")
    if len(value.split()) > 1:
        raise tk.Invalid(message.format(value=value[:80]))
    if PATH.match(value):
        return value
    try:
        return values.web_address(value)
    except ValueError as error:
        raise tk.Invalid(message.format(value=value[:80])) from error


def colour(value: str) -> str:
    """Return a colour with enough contrast to white text."""
    try:
        written = colours.colour(value)
    except ValueError as error:
        message = tk._("“{value}” is not a colour. Write it as #rrggbb, for instance #0b5394.")
        raise tk.Invalid(message.format(value=value[:80])) from error
    if not colours.is_readable(written):
        message = tk._(
            "White text cannot be read well on {value}: the contrast is {contrast}:1, and at least "
            "4.5:1 is needed. Choose a darker colour."
        )
        ratio = f"{colours.contrast(written):.1f}"
        raise tk.Invalid(message.format(value=written, contrast=ratio))
    return written


def moment(value: str) -> str:
    """Return a day with a time of the day."""
    if not value:
        return value
    try:
        return dt.datetime.strptime(value.replace("T", " "), MOMENT).strftime(MOMENT)  # noqa: DTZ007 - text
    except ValueError as error:
        message = tk._("“{value}” is not a day with a time. Write it as 2027-03-20 22:00.")
        raise tk.Invalid(message.format(value=value[:80])) from error
