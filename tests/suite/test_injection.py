"""No text that a user or a harvest can set becomes an element of a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from tests.support import injected_records, injection
from tests.support.databases import empty_database
from tests.support.injection import Poisoned
from tests.support.loaded import client, only

PLUGINS = (
    "nd47_tables nd47_map_view nd47_chart_view nd47_document_view nd47_catalogue nd47_desk "
    "nd47_portal nd47 nd47_dcat nd47_l10n activity scheming_datasets scheming_organizations dcat "
    "structured_data datastore datatables_view text_view"
)
PORTAL_SETTINGS = tuple(
    f"ckanext.nd47.portal_{name}"
    for name in (
        *("title_en", "operator_vi", "operator_en", "address", "email", "telephone", "emblem"),
        *("favicon", "picture", "colour", "news_vi", "news_en", "about_vi", "terms_vi"),
    )
)
"""What `nd47_portal` shows on every page, or on pages of its own."""

FOUND = {200, 302, 403, 404, 405}
FILES = {
    "nd47_table.csv",
    "nd47_table.xlsx",
    "nd47_table_schema.download",
    "nd47_migrate.download",
    "nd47_agencies.document",
    "nd47_agencies.download",
    "nd47_citation.download",
    "nd47_dataset_page.feed",
    "nd47_dataset_page.files",
    "nd47_plain.action",
    "nd47_search.suggestions",
    "nd47_dcat.catalogue",
    "nd47_desk.download",
    "nd47_approval.decision_file",
    "nd47_approval.download_history",
    "nd47_desk.download_agencies",
    "nd47_spreadsheet.download",
    "nd47_spreadsheet.template",
    "nd47_agencies.focal_point",
    "nd47_dcat.changes",
    "nd47_catalogue_documents.amendment",
    "nd47_catalogue_documents.download",
    "nd47_catalogues.planned",
    "nd47_plans.download",
    "nd47_public_plans.public_download",
    "nd47_catalogues.signed_file",
    "nd47_dcat.dump_checksum",
    "nd47_dcat.dump_file",
    "nd47_dcat.dump_manifest",
    "nd47_dcat.negotiated",
    "nd47_register_import.download",
    "nd47_register_import.template",
    "nd47_portal.description",
    "nd47_portal.sitemap_datasets",
    "nd47_portal.sitemap_index",
    "nd47_portal.sitemap_pages",
    "nd47_chart.png",
    "nd47_chart.svg",
    "nd47_documents.pdf",
    "nd47_map.geojson",
    "nd47_map.ground",
    "nd47_tables.converted",
    "nd47_tables.repaired",
    "nd47_terms.rdf",
    "nd47_public_reports.public_download",
    "nd47_reports.download",
    "nd47_reports.evidence_pack",
    "nd47_score.rdf",
}
"""Views of the suite that answer with something else than a page."""


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, Any]]:
    """The portal; gives the options as the plugins have completed them."""
    with only(PLUGINS):
        empty_database()
        yield dict(tk.config)


@pytest.fixture(autouse=True)
def settings(portal: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """What an administrator may write, beside the options that CKAN's fixtures take back."""
    additions = (
        "ckanext.nd47.terms_addition_vi",
        "ckanext.nd47.terms_addition_en",
        *PORTAL_SETTINGS,
    )
    texts = {one: injection.text(one) for one in additions}
    for option, value in {**portal, **texts, "ckanext.nd47.public_plans": "true"}.items():
        monkeypatch.setitem(tk.config, option, value)


@pytest.fixture(scope="module")
def app(portal: Any) -> CKANTestApp:
    return client(PLUGINS)


@pytest.fixture(scope="module")
def sysadmin(portal: Any) -> dict[str, Any]:
    return factories.SysadminWithToken(fullname=injection.text("sysadmin"))


@pytest.fixture(scope="module")
def made(portal: Any, sysadmin: dict[str, Any]) -> Poisoned:
    def action(name: str, /, **data: Any) -> Any:
        context: Any = {"user": sysadmin["name"], "ignore_auth": False}
        try:
            return tk.get_action(name)(context, data)
        finally:
            model.Session.commit()

    found = injected_records.poison(action, tk.ValidationError)
    found.views = injection.Columns().make(action, found.resource)
    return found


def test_fields_that_take_any_text_were_filled(made: Poisoned) -> None:
    """The counterpart: without them the pages below would show nothing."""
    assert {
        "agency.title",
        "agency.address",
        "agency.legal_name",
        "focal_point.full_name",
        "focal_point.position",
        "dataset.title",
        "dataset.notes",
        "dataset.contact",
        "dataset.conforms_to",
        "dataset.catalogue_entry",
        "dataset.source_database",
        "dataset.attribution",
        "extra.key",
        "extra.value",
        "resource.name",
        "resource.description",
        "resource.data_dictionary",
    } <= made.stored


@pytest.mark.parametrize("locale", ["", "/vi"])
@pytest.mark.parametrize("who", ["visitor", "sysadmin"])
def test_no_page_has_an_element_that_a_text_made(
    app: CKANTestApp, sysadmin: dict[str, Any], made: Poisoned, who: str, locale: str
) -> None:
    headers = {"Authorization": sysadmin["token"]} if who == "sysadmin" else {}
    faults = {}
    shown = 0
    for address in injection.addresses(made):
        reply = app.get(f"{locale}{address}", headers=headers, follow_redirects=False)
        found = injection.injected(reply.text)
        shown += injection.ATTRIBUTE in reply.text
        if found or reply.status_code not in FOUND | {400}:
            faults[address] = (reply.status_code, found)
    assert not faults
    assert shown > 20, "the texts are not on the pages"


def test_page_with_percent_and_braces_in_an_extra_is_shown(
    app: CKANTestApp, made: Poisoned
) -> None:
    page = app.get(f"/dataset/{made.dataset}", status=200).text
    assert "Tỷ lệ % (2024) {x}" in page
    assert "{0} %(a)s %" in page


@pytest.mark.parametrize("address", ["http://[bad", "http://[::1", "//[", "http://a]b/"])
def test_page_with_what_is_no_address_is_shown(
    app: CKANTestApp, sysadmin: dict[str, Any], made: Poisoned, address: str
) -> None:
    context: Any = {"user": sysadmin["name"]}
    call_action("package_patch", context, id=made.dataset, conforms_to=[address])
    assert address in app.get(f"/dataset/{made.dataset}", status=200).text


def test_form_that_was_refused_shows_texts_as_texts(
    app: CKANTestApp, sysadmin: dict[str, Any], made: Poisoned
) -> None:
    form = {
        "title": injection.text("typed title"),
        "name": injection.text("typed name"),
        "notes": injection.text("typed notes"),
        "license_id": injection.text("typed licence"),
        "temporal_coverage-0-start": injection.text("typed date"),
        "_ckan_phase": "1",
        "save": "",
    }
    headers = {"Authorization": sysadmin["token"]}
    page = app.post("/dataset/new", data=form, headers=headers).text
    assert injection.ATTRIBUTE in page
    assert injection.injected(page) == []


def test_refused_entry_of_the_register_shows_texts_as_texts(
    app: CKANTestApp, sysadmin: dict[str, Any], made: Poisoned
) -> None:
    form = {"code": injection.text("code"), "level": injection.text("level"), "save": ""}
    headers = {"Authorization": sysadmin["token"]}
    address = f"/organization/register/{made.agency}/entry"
    page = app.post(address, data=form, headers=headers).text
    assert injection.ATTRIBUTE in page
    assert injection.injected(page) == []


def test_refused_rows_of_an_import_are_shown_as_texts(
    app: CKANTestApp, sysadmin: dict[str, Any], made: Poisoned
) -> None:
    rows = [{"code": injection.text("code"), "title": injection.text("title")}]
    headers = {"Authorization": sysadmin["token"]}
    data = {"kind": "agencies", "upload": _table(rows)}
    page = app.post(
        "/ckan-admin/agency-register",
        data=data,
        headers=headers,
        content_type="multipart/form-data",
    ).text
    assert injection.ATTRIBUTE in page
    assert injection.injected(page) == []


def test_every_page_of_the_suite_is_looked_at(app: CKANTestApp, made: Poisoned) -> None:
    adapter = app.flask_app.url_map.bind("test.ckan.net")
    looked_at = {
        adapter.match(address.partition("?")[0], method="GET")[0]
        for address in injection.addresses(made)
    }
    ours = {
        rule.endpoint
        for rule in app.flask_app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and app.flask_app.view_functions[rule.endpoint].__module__.startswith("ckanext.nd47.")
    }
    assert ours - looked_at == FILES


def _table(rows: list[dict[str, str]]) -> Any:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode("utf-8-sig")), "a.csv"
