"""What ckanext-dcat's plugin `croissant` says of a dataset of the suite."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ckan import model
from ckan.lib.search import rebuild
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.lib import config
from ckanext.nd47.metadata import citation
from tests.support.fixtures import portal_and_app

SITE = "http://test.ckan.net"
SHA256 = "A" * 64

portal, app = portal_and_app(
    "nd47 nd47_dcat scheming_datasets scheming_organizations dcat croissant"
)

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture(scope="module")
def agencies(portal: None) -> tuple[dict[str, Any], dict[str, Any]]:
    """A province, and a department of it."""
    top = factories.Organization(title="Ủy ban nhân dân tỉnh Hải Sơn", agency_level="province")
    parent = [{"name": top["name"], "capacity": "public"}]
    return top, factories.Organization(title="Sở Y tế", agency_level="department", groups=parent)


@pytest.fixture
def described(app: Any, agencies: Any) -> Callable[..., tuple[dict[str, Any], dict[str, Any]]]:
    """Makes a dataset; returns it, and its Croissant with the values of literals."""

    def describe(
        stored: dict[str, str] | None = None, **fields: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        made = factories.Dataset(title="Trạm y tế", owner_org=agencies[1]["id"], **fields)
        if stored:
            package: Any = model.Package.get(made["id"])
            package.extras = {**package.extras, **stored}
            model.Session.commit()
            rebuild(made["id"])
        answer = app.get(f"/dataset/{made['name']}/croissant.jsonld")
        assert answer.headers["Content-Type"].startswith("application/ld+json")
        return call_action("package_show", id=made["id"]), json.loads(
            answer.body, object_hook=lambda node: node.get("@value", node)
        )

    return describe


def test_the_licence_is_its_own_address(described):
    said = described(license_id="cc-by")[1]
    assert said["license"] == "https://creativecommons.org/licenses/by/4.0/"


def test_the_citation_is_that_of_the_dataset(described):
    made, said = described(license_id="vn-open-data-2023")
    assert said["citeAs"] == citation.statement(made, config.default_language())


def test_the_language_of_its_texts_is_that_of_the_portal(described):
    assert described()[1]["@context"]["@language"] == config.default_language()


def test_no_licence_is_said_where_none_is_specified(described):
    assert "license" not in described(license_id="notspecified")[1]


def test_agencies_have_the_iris_of_the_export(described, agencies):
    top, department = agencies
    _, said = described()
    for role, agency in (("creator", top), ("publisher", department)):
        assert said[role]["@id"] == f"{SITE}/organization/{agency['id']}"
        assert said[role]["name"] == agency["title"]
    assert department["id"] not in str(said["creator"])


def test_one_agency_may_be_both(described, agencies):
    _, said = described(responsible_agency=agencies[1]["id"])
    assert said["creator"]["name"] == agencies[1]["title"]
    assert {"@id": said["creator"]["@id"]} in (said["publisher"], {"@id": said["publisher"]["@id"]})


def test_dates_are_said_once_and_as_precisely_as_they_are_known(described):
    _, said = described(issued="2024", modified="2024-05-03")
    assert (said["datePublished"], said["dateModified"]) == ("2024", "2024-05-03")


def test_a_file_has_its_checksum_and_a_service_is_no_file(described):
    _, said = described(
        resources=[
            {"url": "https://a.example/a.csv", "format": "CSV", "checksum": SHA256},
            {"url": "https://a.example/api", "publication_method": "dich-vu-chia-se"},
        ]
    )
    file = said["distribution"]
    assert file["contentUrl"] == "https://a.example/a.csv"
    assert file["sha256"] == SHA256.lower()


def test_a_geometry_that_is_not_of_wgs_84_is_not_said(described):
    _, said = described({"spatial": '{"type": "Point", "coordinates": [587654.1, 2325987.3]}'})
    assert "spatialCoverage" not in said
    _, said = described({"spatial": '{"type": "Point", "coordinates": [105.85, 21.03]}'})
    assert "105.85" in str(said["spatialCoverage"])
