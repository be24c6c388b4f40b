"""Answers that ckanext-dcat makes for each request, while the store has not every dataset yet."""

from __future__ import annotations

from typing import Any

from ckanext.dcat import utils

from ckanext.nd47.dcat.serve.formats import FORMATS, Format


def page(form: Format) -> Any:
    """Return a page of the catalogue."""
    return utils.read_catalog_page(_format(form))


def dataset(reference: str, form: Format) -> Any:
    """Return one dataset."""
    return utils.read_dataset_page(reference, _format(form))


def _format(form: Format) -> str:
    return form.stock or FORMATS["ttl"].stock
