"""The stock harvester of a second portal reads the sample province."""

from __future__ import annotations

import pytest

from dev.trials import harvest
from dev.trials.harvest_report import Report
from tests.support.running import Portal

pytestmark = pytest.mark.portals


@pytest.fixture(scope="module")
def report(province: Portal, national: Portal) -> Report:
    """Harvest once for all tests of this module."""
    return harvest.compare(
        harvest.Portal(province.url, province.sysadmin["token"]),
        harvest.Portal(national.url, national.sysadmin["token"]),
    )


def test_every_public_dataset_arrives(report: Report):
    assert report.province >= 60
    assert report.missing == []
    assert report.national == report.province


def test_nothing_stays_that_the_province_does_not_have(report: Report):
    assert report.stale == []


def test_harvester_reports_no_error(report: Report):
    assert report.errors == []


def test_every_field_arrives(report: Report):
    lost = {one.name: one.examples for one in report.fields if one.equal < one.present}
    assert lost == {}


@pytest.mark.parametrize(
    "name",
    [
        "title",
        "publisher",
        "contact.email",
        "theme",
        "frequency",
        "license_id",
        "resources.license",
        "resources.checksum",
    ],
)
def test_field_of_the_decree_is_compared_on_most_datasets(report: Report, name: str):
    """A comparison of nothing would pass: each of these must have been there to arrive."""
    compared = {field.name: field.equal for field in report.fields}
    assert compared[name] >= 60
