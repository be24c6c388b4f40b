"""The administrator's page shows sources, runs and lists, and writes nothing."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp

from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.migrate import run
from tests.migrate.conftest import Make
from tests.migrate.old_portal import PLAIN, SIMPLE
from tests.support.statements import statements

pytestmark = pytest.mark.usefixtures("portal")


PAGE = "/ckan-admin/nd47-migrate"


@pytest.fixture(scope="module")
def sysadmin(portal: None) -> dict[str, str]:
    """Headers of a system administrator."""
    return {"Authorization": factories.SysadminWithToken()["token"]}


def test_the_page_shows_what_there_is_and_writes_nothing(
    app: CKANTestApp, make: Make, sysadmin: dict[str, str]
) -> None:
    make(2, extras=PLAIN, resource_extras={"Ngôn ngữ": "Tiếng Việt"})
    run.work(run.begin(SIMPLE, {}, "").id)
    app.get(PAGE, headers=sysadmin, status=200)
    with statements() as executed:
        body = app.get(PAGE, headers=sysadmin, status=200).data
    # CKAN itself notes when a token and its account were used last.
    own = [
        statement
        for statement in executed
        if not statement.lstrip().upper().startswith(("SELECT", "BEGIN"))
    ]
    assert not [statement for statement in own if "nd47" in statement or "package" in statement]
    text = BeautifulSoup(body, "html.parser").get_text(" ", strip=True)
    assert "Tần suất" in text
    assert "hàng tháng (2)" in text
    assert "resources.Ngôn ngữ" in text
    english = app.get(f"/en{PAGE}", headers=sysadmin, status=200).data
    assert "Update frequency frequency" in BeautifulSoup(english, "html.parser").get_text(
        " ", strip=True
    )
    assert "2/2" in text


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_page_gives_an_agency_its_list(
    app: CKANTestApp, make: Make, sysadmin: dict[str, str], ending: str
) -> None:
    make(2)
    response = app.get(f"{PAGE}/report/so-y-te.{ending}", headers=sysadmin, status=200)
    assert len(spreadsheet.read(response.data).sheets[0].rows) > 1
    app.get(f"{PAGE}/report/khong-co.{ending}", headers=sysadmin, status=404)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/report/so-y-te.csv"])
def test_the_page_is_for_sysadmins_alone(app: CKANTestApp, path: str) -> None:
    app.get(path, status=403)
    token = factories.UserWithToken()["token"]
    app.get(path, headers={"Authorization": token}, status=403)
