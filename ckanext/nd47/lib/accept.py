"""The `Accept` header, as far as formats are chosen by it."""

from __future__ import annotations

from werkzeug.datastructures import MIMEAccept


def media_types(accept: MIMEAccept) -> MIMEAccept:
    """Return what a client accepts without parameters such as `profile` or `charset`.

    Werkzeug takes `application/ld+json;profile="…"` for another type than `application/ld+json`;
    RFC 9110 lets a server answer with what it has of a type.
    """
    return MIMEAccept([(one.partition(";")[0].strip(), quality) for one, quality in accept])
