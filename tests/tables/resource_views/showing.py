"""A portal that shows files and tables: what the tests of the views share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.tables.check_jobs import model as tables
from tests.support.databases import empty_database
from tests.support.loaded import client, only
from tests.tables import conftest

PLUGINS = (
    "nd47_tables nd47_map_view nd47_chart_view nd47_document_view nd47 nd47_l10n scheming_datasets "
    "scheming_organizations datastore"
)

Make = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, Any]]:
    """The options of the plugins with the DataStore on an empty database, once for a module."""
    with only(PLUGINS):
        empty_database()
        tables.reset()
        yield dict(tk.config)


@pytest.fixture(autouse=True)
def options(portal: dict[str, Any], ckan_config: Any) -> None:
    """Keep the options of the DataStore, whatever the configuration was reset to."""
    tk.config.update(portal)


@pytest.fixture(scope="module")
def app(portal: dict[str, Any]) -> CKANTestApp:
    """A client of the portal."""
    return client(PLUGINS)


accounts, upload, checked = conftest.accounts, conftest.upload, conftest.checked


@pytest.fixture(scope="module")
def table(portal: dict[str, Any], accounts: dict[str, str]) -> Make:
    """Makes a table in the DataStore, of a new dataset or of one; returns the resource."""

    def make(
        fields: list[dict[str, Any]], records: list[dict[str, Any]], dataset: str = "", **more: Any
    ) -> dict[str, Any]:
        # Fixtures of a module come before `options` of a test.
        for key, value in portal.items():
            tk.config.setdefault(key, value)
        context = {"user": accounts["sysadmin"]}
        if not dataset:
            made = call_action(
                "package_create",
                context,
                name=f"bang-{uuid4().hex[:12]}",
                title="Trạm sạc xe điện",
                owner_org=accounts["agency"],
                license_id="cc-by",
                **more,
            )
            dataset = made["id"]
        resource = call_action(
            "resource_create",
            context,
            package_id=dataset,
            name="Bảng",
            url="http://a.example/b.csv",
        )
        call_action(
            "datastore_create", context, resource_id=resource["id"], fields=fields, records=records,
            force=True,
        )  # fmt: skip
        return call_action("resource_show", context, id=resource["id"])

    return make


def field(name: str, type_: str = "text", label: str = "") -> dict[str, Any]:
    """Return a field of a table with its label."""
    return {"id": name, "type": type_, "info": {"label": label or name}}


def path(resource: dict[str, Any], end: str) -> str:
    """Return the address of a picture or list of a resource."""
    return f"/vi/dataset/{resource['package_id']}/resource/{resource['id']}/{end}"


def view(accounts: dict[str, str], resource: dict[str, Any], type_: str) -> dict[str, Any]:
    """Add a view to a resource."""
    return call_action(
        "resource_view_create",
        {"user": accounts["sysadmin"]},
        resource_id=resource["id"],
        view_type=type_,
        title="Hình",
    )


def page(app: CKANTestApp, resource: dict[str, Any], made: dict[str, Any], **query: str) -> str:
    """Return the page of a resource with one of its views, as visitors see it."""
    address = f"/vi/dataset/{resource['package_id']}/resource/{resource['id']}"
    return app.get(address, query_string={"view_id": made["id"], **query}).get_data(as_text=True)
