"""A portal that checks files, with an agency and accounts."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.tables.check_jobs import jobs
from ckanext.nd47.tables.check_jobs import model as tables
from tests.support.fixtures import portal_and_app

PLUGINS = "nd47_tables nd47 nd47_l10n scheming_datasets scheming_organizations"

Upload = Callable[..., dict[str, Any]]

portal, app = portal_and_app(PLUGINS, prepare=tables.reset)


@pytest.fixture(scope="module")
def accounts(portal: None) -> dict[str, str]:
    """Names of accounts by what they are to the agency, and the id of the agency."""
    names = {name: str(factories.User()["name"]) for name in ("editor", "member", "stranger")}
    names["sysadmin"] = str(factories.Sysadmin()["name"])
    agency = factories.Organization(title="Sở Nông nghiệp và Môi trường", identifier="H99.04")
    for role in ("editor", "member"):
        call_action("organization_member_create", id=agency["id"], username=names[role], role=role)
    return {**names, "agency": agency["id"]}


@pytest.fixture(scope="module")
def upload(accounts: dict[str, str]) -> Upload:
    """Uploads a file to a new dataset, or in place of one; returns the resource."""

    def make(name: str, content: bytes, replace: str = "", **fields: Any) -> dict[str, Any]:
        file = FileStorage(io.BytesIO(content), name)
        context = {"user": accounts["sysadmin"]}
        if replace:
            return call_action("resource_patch", context, id=replace, upload=file, **fields)
        dataset = call_action(
            "package_create",
            context,
            name=f"bo-du-lieu-{uuid4().hex[:12]}",
            title="Bảng giá đất",
            owner_org=accounts["agency"],
        )
        return call_action(
            "resource_create", context, package_id=dataset["id"], name=name, url="", upload=file,
            **fields,
        )  # fmt: skip

    return make


@pytest.fixture(scope="module")
def checked(upload: Upload) -> Upload:
    """Uploads a file, as `upload`, and checks it as the worker does."""

    def make(*given: Any, **fields: Any) -> dict[str, Any]:
        resource = upload(*given, **fields)
        jobs.run(resource["id"])
        return resource

    return make


@pytest.fixture
def check(accounts: dict[str, str]) -> Callable[..., dict[str, Any]]:
    """Returns the check of a file, as an account sees it."""

    def show(resource_id: str, account: str = "editor", **more: Any) -> dict[str, Any]:
        context: Any = {"user": accounts.get(account, ""), "ignore_auth": False}
        return call_action("nd47_file_check", context, id=resource_id, **more)

    return show


def stored(resource_id: str) -> tables.FileCheck | None:
    """Return the row of a check."""
    model.Session.expire_all()
    return model.Session.get(tables.FileCheck, resource_id)
