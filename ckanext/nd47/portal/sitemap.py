"""Sitemaps for search engines: `/sitemap.xml` and the sitemaps that it lists.

Nothing is stored: a withdrawn dataset disappears at once. A client with the current state gets 304.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from xml.sax.saxutils import escape

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.metadata.fields import listing
from ckanext.nd47.portal import links

ROWS = 5000
"""Datasets of one sitemap; the protocol allows 50,000 addresses."""

NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
PAGES = (
    "/",
    "/dataset/",
    "/field",
    "/organization/",
    "/about",
    "/terms-of-use",
    "/accessibility",
    "/contact",
    "/developers",
)

Entry = tuple[str, str]
"""Path of a page, and the day of its last change."""

_STATE = sa.text(
    """
    SELECT (SELECT concat(count(*), '/', max(metadata_modified), '/', sum(hashtext(name)))
        FROM package WHERE state = 'active' AND NOT private AND type = :type)
        || '/' || (SELECT concat(count(*), '/', sum(hashtext(name)))
        FROM "group" WHERE state = 'active' AND is_organization)
    """
)
_COUNT = sa.text(
    "SELECT count(*) FROM package WHERE state = 'active' AND NOT private AND type = :type"
)
_DATASETS = sa.text(
    """
    SELECT name, to_char(metadata_modified, 'YYYY-MM-DD') AS day FROM package
    WHERE state = 'active' AND NOT private AND type = :type
    ORDER BY metadata_created, id LIMIT :rows OFFSET :start
    """
)
_AGENCIES = sa.text(
    "SELECT name FROM \"group\" WHERE state = 'active' AND is_organization ORDER BY name"
)
_TYPE = {"type": dataset_fields.DEFAULT_TYPE}


def state() -> str:
    """Return an ETag that changes with the content of the sitemaps."""
    latest = model.Session.scalar(_STATE, _TYPE)
    return sha256(f"{latest} {links.languages_offered()}".encode()).hexdigest()[:32]


def pages() -> int:
    """Return the number of sitemaps of datasets."""
    return -(-int(model.Session.scalar(_COUNT, _TYPE) or 0) // ROWS)


def index() -> Iterator[str]:
    """Write the sitemap index."""
    names = ["pages", *(f"datasets-{number}" for number in range(1, pages() + 1))]
    yield f'{HEAD}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    for name in names:
        place = links.address(f"/sitemap-{name}.xml", links.default_language())
        yield f"<sitemap><loc>{escape(place)}</loc></sitemap>\n"
    yield "</sitemapindex>\n"


def of_pages() -> Iterator[str]:
    """Write the sitemap of the pages of the portal, of its fields and of its agencies."""
    agencies = [f"/organization/{row.name}" for row in model.Session.execute(_AGENCIES)]
    fields = [f"/field/{field.code}" for field in listing.published()]
    return _written((path, "") for path in (*PAGES, *fields, *agencies))


def of_datasets(number: int) -> Iterator[str]:
    """Write a sitemap of datasets, counted from 1."""
    parameters = {**_TYPE, "rows": ROWS, "start": (number - 1) * ROWS}
    rows = model.Session.execute(_DATASETS, parameters).all()
    return _written((f"/dataset/{row.name}", row.day) for row in rows)


def _written(entries: Iterable[Entry]) -> Iterator[str]:
    languages = links.languages_offered()
    yield f"{HEAD}<urlset {NAMESPACES}>\n"
    for path, day in entries:
        modified = f"<lastmod>{day}</lastmod>" if day else ""
        alternates = "".join(
            f'<xhtml:link rel="alternate" hreflang="{lang.replace("_", "-")}" '
            f'href="{escape(links.address(path, lang))}"/>'
            for lang in languages
        )
        place = escape(links.address(path, links.default_language()))
        yield f"<url><loc>{place}</loc>{modified}{alternates}</url>\n"
    yield "</urlset>\n"
