"""Answers made by ckanext-dcat for each request: other profiles, and a store not yet filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from flask import Response

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.dcat import utils
from ckanext.dcat.processors import RDFSerializer

from ckanext.nd47.dcat.serve import pages, select
from ckanext.nd47.dcat.serve.formats import FORMATS, Format
from ckanext.nd47.dcat.serve.query import Query


def by_profiles(query: Query, form: Format, address: str) -> Response:
    """Return a page written with other profiles; the same datasets as on the store's page."""
    page = pages.find(query, address)
    ids = [row.id for row in select.ids_of(page.chosen)]
    datasets = list(_all_shown(ids))
    serializer = RDFSerializer(profiles=list(query.profiles))
    way = page.way
    paging: dict[str, Any] = {"count": way.total, "items_per_page": way.size, "current": way.here}
    for name in ("first", "last", "next", "previous"):
        if getattr(way, name):
            paging[name] = getattr(way, name)
    written = serializer.serialize_catalog(
        {}, datasets, _format=form.stock or "nt", pagination_info=paging
    )
    return Response(written, content_type=f"{form.media_type}; charset=utf-8")


def one_by_profiles(reference: str, query: Query, form: Format) -> Response:
    """Return one dataset written with other profiles.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is none.
    """
    serializer = RDFSerializer(profiles=list(query.profiles))
    written = serializer.serialize_dataset(_shown(reference), _format=form.stock or "nt")
    return Response(written, content_type=f"{form.media_type}; charset=utf-8")


def page(form: Format) -> Any:
    """Let ckanext-dcat answer, while the store does not have every dataset yet."""
    return utils.read_catalog_page((form if form.stock else FORMATS["ttl"]).stock)


def dataset(reference: str, form: Format) -> Any:
    """Let ckanext-dcat answer, while the store does not have every dataset yet."""
    return utils.read_dataset_page(reference, (form if form.stock else FORMATS["ttl"]).stock)


def _all_shown(ids: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield datasets as everybody may see them, without those deleted since they were listed."""
    for one in ids:
        with suppress(tk.ObjectNotFound, tk.NotAuthorized):
            yield _shown(one)


def _shown(reference: str) -> dict[str, Any]:
    """Return a dataset as everybody may see it."""
    return tk.get_action("package_show")(Context(user="", ignore_auth=False), {"id": reference})
