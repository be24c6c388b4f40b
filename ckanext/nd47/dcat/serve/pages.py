"""Pages of the catalogue, assembled from the store.

Page N always has the places from (N-1)*size+1 to N*size: a dataset gets its place when it is first
published and never changes it. So no change during a harvest can move a dataset from an unread page
to a page already read. Withdrawn datasets leave gaps. Links skip a page without datasets; a client
that counts pages would stop at it, so it shows one dataset of another page, which the client
receives twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Response

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SearchQueryError
from ckan.types import Context

from ckanext.nd47.dcat import dump
from ckanext.nd47.dcat.serve import catalogue_node, conditional, queries
from ckanext.nd47.dcat.serve.catalogue_node import Way
from ckanext.nd47.dcat.serve.formats import Format
from ckanext.nd47.dcat.serve.parameters import BadQueryError, Query, number, page_size
from ckanext.nd47.dcat.serve.queries import Chosen
from ckanext.nd47.dcat.store import jobs, serialise
from ckanext.nd47.dcat.store.model import GONE, LIVE
from ckanext.nd47.lib import config


@dataclass(frozen=True)
class Page:
    """A page before it is serialised.

    Attributes:
        chosen: its datasets.
        identity: identifies its content.
        way: links to the other pages.
        settings: settings that the description of the catalogue depends on.
        dumps: addresses of the dump files, the same for ETag and content.
    """

    chosen: Chosen
    identity: Any
    way: Way
    settings: tuple[str, ...]
    dumps: tuple[str, ...] = field(default_factory=dump.listed)


def answer(query: Query, form: Format, address: str) -> Response | None:
    """Return a page of the catalogue, None until the store has every public dataset.

    Args:
        query: the selection.
        form: the format.
        address: address of the catalogue in this format, without parameters.

    Raises:
        BadQueryError: the search index does not understand the query.
    """
    page = find(query, address)
    if not page.identity.complete and not queries.complete():
        return None
    if page.identity.stale:
        jobs.note_stale()
    links = [("Link", f'<{page.way.next}>; rel="next"')] if page.way.next else []
    identity = page.identity
    tag = conditional.etag(identify(page), form.extension)
    version = conditional.Version(tag, identity.modified, identity.now)
    return conditional.answer(version, form.media_type, lambda: write(page, form), links)


def find(query: Query, address: str) -> Page:
    """Find a page without reading its content.

    Raises:
        BadQueryError: the search index does not understand the query.
    """
    if query.searches:
        return _searched(query, address)
    if query.modified_since is not None:
        return _changed(query, address)
    return _whole(query, address)


def identify(page: Page) -> str:
    """Return everything that the content of a page depends on, as one text."""
    identity = page.identity
    return conditional.etag(
        identity.entries, identity.nodes, identity.listed, page.way, page.settings, page.dumps
    )


def write(page: Page, form: Format) -> bytes:
    """Assemble a page."""
    iris, parts = queries.content(page.chosen, form.column)
    beginning = [
        *catalogue_node.described(page.settings, page.dumps, page.identity.listed),
        *catalogue_node.membership(iris),
        *catalogue_node.paging(page.way),
    ]
    return b"".join(serialise.document(form.column, beginning, parts))


def dataset(reference: str, form: Format) -> Response | None:
    """Return a dataset by id or name, None if there was never such a public dataset.

    A withdrawn dataset gets a response with status 410.
    """
    row = queries.dataset(reference)
    if row is None or row.state not in (GONE, LIVE) or not row.iri:
        return None
    if row.state == GONE or not row.visible:
        return _withdrawn(row)
    if row.stale:
        jobs.note_stale()

    def write() -> bytes:
        _iris, parts = queries.content(Chosen(ids=[row.id]), form.column)
        return b"".join(serialise.document(form.column, [], parts))

    tag = conditional.etag(row.iri, row.etag, row.nodes, form.extension)
    version = conditional.Version(tag, row.changed, row.now)
    return conditional.answer(version, form.media_type, write)


def _withdrawn(row: Any) -> Response:
    """Return the response that a dataset is gone, with the time if the store has it."""
    recorded = row.state == GONE
    since = f" {row.modified.isoformat()}" if recorded else ""
    response = Response(f"Gone: {row.iri}{since}\n", status=410)
    response.content_type = "text/plain; charset=utf-8"
    if recorded:
        response.last_modified = row.modified
    return response


def _linker(query: Query, address: str) -> Callable[..., str]:
    def link(**place: object) -> str:
        return f"{address}?{query.parameters(**place)}"

    return link


def _whole(query: Query, address: str) -> Page:
    size = page_size()
    page = _number_behind(query.after, size) if query.after else query.page
    chosen = Chosen(first=(page - 1) * size + 1, last=page * size)
    settings = catalogue_node.settings()
    identity = queries.identity(chosen, settings[0])
    final = _page_of(identity.final, size)
    link = _linker(query, address)
    way = Way(
        here=link(page=page),
        first=link(page=1),
        last=link(page=final),
        previous=link(page=_page_of(identity.before, size)) if identity.before else "",
        next=link(page=_page_of(identity.behind, size)) if identity.behind else "",
        total=identity.live or 0,
        size=size,
    )
    if not identity.size and identity.behind:
        chosen = Chosen(ids=queries.neighbour(chosen.last, page % 2))
        identity = queries.identity(chosen, settings[0])
    return Page(chosen, identity, way, settings)


def _page_of(place: int | None, size: int) -> int:
    return ((place or 1) - 1) // size + 1


def _number_behind(after: str, size: int) -> int:
    """Return the page after a place, for clients with a stored link of a filtered list."""
    return number("after", after, least=0) // size + 1


def _changed(query: Query, address: str) -> Page:
    """Find the datasets changed since a time; links use places, which edits do not change."""
    size = page_size()
    if query.modified_since is None:
        msg = tk._("modified_since is missing")
        raise BadQueryError(msg)
    start = 0 if query.after else (query.page - 1) * size
    after = number("after", query.after, least=0)
    ids, last, total = queries.changed_since(query.modified_since, after, start, size)
    return _listed(query, address, ids, str(last), total)


def _searched(query: Query, address: str) -> Page:
    """Find the results of the search index, sorted by id, which never changes."""
    size = page_size()
    filters = [f'+dataset_type:("{name}")' for name in config.dcat_types()]
    if query.modified_since:
        moment = query.modified_since.strftime("%Y-%m-%dT%H:%M:%SZ")
        filters.append(f"+metadata_modified:[{moment} TO *]")
    if query.after:
        filters.append(f'+id:{{"{query.after}" TO *]')
    data = {
        "q": query.q or "*:*",
        "fq": query.fq,
        "fq_list": filters,
        "rows": size,
        "start": 0 if query.after else (query.page - 1) * size,
        "sort": "id asc",
        "fl": ["id"],
    }
    try:
        # As an anonymous user: the response is the same for all users.
        result = tk.get_action("package_search")(Context(user="", ignore_auth=False), data)
    except (SearchError, SearchQueryError, tk.ValidationError) as error:
        msg = tk._("the search index does not understand q or fq")
        raise BadQueryError(msg) from error
    ids = [dataset["id"] for dataset in result["results"]]
    return _listed(query, address, ids, ids[-1] if ids else "", result["count"])


def _listed(query: Query, address: str, ids: list[str], last: str, total: int) -> Page:
    size = page_size()
    link = _linker(query, address)
    chosen = Chosen(ids=ids)
    here = link(after=query.after) if query.after else link(page=query.page)
    way = Way(
        here=here,
        first=link(page=1),
        next=link(after=last) if len(ids) == size else "",
        total=total,
        size=size,
    )
    settings = catalogue_node.settings()
    return Page(chosen, queries.identity(chosen, settings[0]), way, settings)
