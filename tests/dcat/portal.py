"""A portal with the store, once for a module, and functions of its tests."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import event

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.serve import queries
from ckanext.nd47.dcat.store.model import Entry
from tests.support.fixtures import portal_and_app

PLUGINS = "nd47 nd47_dcat dcat scheming_datasets scheming_organizations"
PAGE = 3
"""Datasets on a page: a few datasets make several pages."""


portal, app = portal_and_app(PLUGINS)


@pytest.fixture(autouse=True)
def small_pages(portal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three datasets on a page, even after plugins are loaded again."""
    monkeypatch.setitem(tk.config, "ckanext.dcat.datasets_per_page", PAGE)


@pytest.fixture(scope="module")
def department(portal: None) -> dict[str, Any]:
    """An agency that owns the datasets."""
    return factories.Organization(
        name=f"so-{uuid4().hex[:8]}",
        title="Sở Nông nghiệp và Môi trường",
        identifier="H99.10",
        agency_level="department",
        email="snnmt@tinh.example",
    )


def dataset(owner: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Create a dataset of an agency."""
    defaults = {
        "name": f"bo-du-lieu-{uuid4().hex[:12]}",
        "title": "Hồ chứa thủy lợi",
        "owner_org": owner["id"],
        "resources": [{"url": "https://tep.example/ho.csv", "format": "CSV"}],
    }
    return call_action("package_create", **{**defaults, **fields})


def entry(dataset_id: str) -> Any:
    """Return the committed entry of a dataset, None if there is none."""
    model.Session.rollback()
    return model.Session.execute(sa.select(Entry.__table__).where(Entry.id == dataset_id)).first()


def content(dataset_id: str) -> str:
    """Return the content of a dataset in the store, with its current agencies and contacts."""
    model.Session.rollback()
    return b"".join(queries.content(queries.Chosen(ids=[dataset_id]), "nt")[1]).decode()


def statements(app: CKANTestApp, address: str, **headers: str) -> list[str]:
    """Return the SQL statements of a request."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        app.get(address, headers=headers)
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)
    return sent
