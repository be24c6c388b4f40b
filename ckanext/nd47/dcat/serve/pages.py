"""Pages of the catalogue, put together from the store.

Page N holds the places from (N-1)*size+1 to N*size, for ever: a place is given at the first
publication and never moves. So nothing that happens during a harvest can push a dataset from a
page not yet read to one already read. Withdrawn datasets leave holes. Links skip a page whose
datasets are all gone; a client that counts pages would take it for the end, so it shows one
dataset of another page, which does no harm: it arrives twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Response

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SearchQueryError
from ckan.types import Context

from ckanext.nd47 import config
from ckanext.nd47.dcat import dump_folder
from ckanext.nd47.dcat.serve import conditional, head, select
from ckanext.nd47.dcat.serve.formats import Format
from ckanext.nd47.dcat.serve.head import Way
from ckanext.nd47.dcat.serve.query import BadQueryError, Query, number, page_size
from ckanext.nd47.dcat.serve.select import Chosen
from ckanext.nd47.dcat.store import writers


@dataclass(frozen=True)
class Page:
    """A page before it is written.

    Attributes:
        chosen: its datasets.
        probe: what identifies its content.
        way: the other pages.
        settings: what the description of the catalogue is made from.
        dumps: addresses of the files that have all of it, the same for tag and content.
    """

    chosen: Chosen
    probe: Any
    way: Way
    settings: tuple[str, ...]
    dumps: tuple[str, ...] = field(default_factory=dump_folder.listed)


def answer(query: Query, form: Format, address: str) -> Response | None:
    """Return a page of the catalogue, None as long as the store has not every public dataset.

    Args:
        query: which part of it.
        form: in which format.
        address: of the catalogue in this format, without parameters.

    Raises:
        BadQueryError: the search index does not understand the query.
    """
    page = find(query, address)
    if not page.probe.complete and not select.complete():
        return None
    links = [("Link", f'<{page.way.next}>; rel="next"')] if page.way.next else []
    return conditional.answer(
        conditional.etag(tag(page), form.extension),
        page.probe.modified,
        form.media_type,
        lambda: write(page, form.writer),
        links,
    )


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


def tag(page: Page) -> str:
    """Return what the content of a page follows from, as one text."""
    found = page.probe
    return conditional.etag(
        found.entries, found.nodes, found.listed, page.way, page.settings, page.dumps
    )


def write(page: Page, writer: writers.Writer) -> bytes:
    """Put a page together."""
    entries, shared = select.content(page.chosen, writer.column)
    beginning = [
        *head.catalogue(page.settings, page.dumps, page.probe.listed),
        *head.membership(iri for iri, _ in entries),
        *head.paging(page.way),
    ]
    bodies = (body for _, body in entries)
    return writers.document(writer, [writer.part(beginning), *bodies, *shared])


def _linker(query: Query, address: str) -> Callable[..., str]:
    def link(**place: object) -> str:
        return f"{address}?{query.parameters(**place)}"

    return link


def _whole(query: Query, address: str) -> Page:
    size = page_size()
    page = _number_behind(query.after, size) if query.after else query.page
    chosen = Chosen(first=(page - 1) * size + 1, last=page * size)
    settings = head.settings()
    found = select.probe(chosen, settings[0])
    final = _page_of(found.final, size)
    link = _linker(query, address)
    way = Way(
        here=link(page=page),
        first=link(page=1),
        last=link(page=final),
        previous=link(page=_page_of(found.before, size)) if found.before else "",
        next=link(page=_page_of(found.behind, size)) if found.behind else "",
        total=found.live or 0,
        size=size,
    )
    if not found.found and found.behind:
        chosen = Chosen(ids=select.neighbour(chosen.last, page % 2))
        found = select.probe(chosen, settings[0])
    return Page(chosen, found, way, settings)


def _page_of(place: int | None, size: int) -> int:
    return ((place or 1) - 1) // size + 1


def _number_behind(after: str, size: int) -> int:
    """Return the page that follows a place, for clients that kept a link of a filtered list."""
    return number("after", after, least=0) // size + 1


def _changed(query: Query, address: str) -> Page:
    """Find what changed since a moment; its links go by place, which edits do not move."""
    size = page_size()
    if query.modified_since is None:
        msg = "modified_since is missing"
        raise BadQueryError(msg)
    start = 0 if query.after else (query.page - 1) * size
    after = number("after", query.after, least=0)
    ids, last, total = select.changed_since(query.modified_since, after, start, size)
    return _listed(query, address, ids, str(last), total)


def _searched(query: Query, address: str) -> Page:
    """Find what the search index finds, by id, which nothing changes."""
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
        # Nobody's eyes: the answer is for everybody, whoever asks.
        found = tk.get_action("package_search")(Context(user="", ignore_auth=False), data)
    except (SearchError, SearchQueryError, tk.ValidationError) as error:
        msg = "the search index does not understand q or fq"
        raise BadQueryError(msg) from error
    ids = [one["id"] for one in found["results"]]
    return _listed(query, address, ids, ids[-1] if ids else "", found["count"])


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
    settings = head.settings()
    return Page(chosen, select.probe(chosen, settings[0]), way, settings)
