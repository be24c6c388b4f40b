"""The page of the settings: who may open it, what it shows and stores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests import factories

from ckanext.nd47.lib import config
from ckanext.nd47.settings import options
from ckanext.nd47.settings import views as settings_views
from tests.metadata.conftest import PLUGINS
from tests.settings.conftest import OWN_PREFIX, PAGE, update

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.usefixtures("with_plugins"),
]


class TestPage:
    def form(self, page: str) -> dict[str, str]:
        """Return the values of the form as a browser would send them."""
        form = BeautifulSoup(page, "html.parser").select_one("form.nd47-settings")
        assert form
        values = {
            str(element["name"]): str(element.get("value", ""))
            for element in form.select("input[name]")
        }
        values |= {str(one["name"]): one.get_text() for one in form.select("textarea[name]")}
        for select in form.select("select[name]"):
            chosen = select.select_one("option[selected]")
            values[str(select["name"])] = str(chosen["value"]) if chosen else ""
        return {name: value for name, value in values.items() if name.startswith(OWN_PREFIX)}

    @pytest.mark.usefixtures("clean_settings")
    def test_is_closed_to_visitors(self, app):
        app.get(PAGE, status=403)
        app.post(PAGE, data={config.AGENCY_CODE: "H99"}, status=403)
        app.post(f"{PAGE}/reset", status=403)
        assert options.stored() == set()

    @pytest.mark.usefixtures("clean_settings")
    def test_is_closed_to_administrators_of_an_agency(self, app):
        user = factories.UserWithToken()
        factories.Organization(users=[{"name": user["name"], "capacity": "admin"}])
        headers = {"Authorization": user["token"]}
        app.get(PAGE, headers=headers, status=403)
        app.post(PAGE, data={config.AGENCY_CODE: "H99"}, headers=headers, status=403)
        app.post(f"{PAGE}/reset", headers=headers, status=403)
        assert options.stored() == set()

    def test_is_a_tab_beside_ckans_own(self, app, sysadmin):
        page = BeautifulSoup(app.get("/ckan-admin/config", headers=sysadmin).body, "html.parser")
        assert page.select(f'a[href="{PAGE}"]')

    def test_shows_every_option_with_what_is_in_force(self, app, sysadmin):
        assert self.form(app.get(PAGE, headers=sysadmin).body) == options.current()

    def test_every_section_is_linked_beside_the_form(self, app, sysadmin):
        page = BeautifulSoup(app.get(PAGE, headers=sysadmin).body, "html.parser")
        links = [link["href"] for link in page.select("aside nav a, .secondary nav a")]
        headings = [f"#{heading['id']}" for heading in page.select(".primary h2")]
        assert links == headings
        assert len(links) > 3

    def test_saving_without_a_change_stores_nothing(self, app, sysadmin):
        """An option stored as it was would no longer follow the configuration file."""
        form = self.form(app.get(PAGE, headers=sysadmin).body)
        app.post(PAGE, data={**form, "save": "1"}, headers=sysadmin)
        assert options.stored() == set()

    def test_saving_stores_what_was_changed(self, app, sysadmin):
        form = self.form(app.get(PAGE, headers=sysadmin).body)
        changed = {**form, config.AGENCY_CODE: "H99", "save": "1"}
        page = app.post(PAGE, data=changed, headers=sysadmin).body
        assert options.stored() == {config.AGENCY_CODE}
        assert self.form(page)[config.AGENCY_CODE] == "H99"

    def test_bad_value_comes_back_with_its_reason(self, app, sysadmin):
        form = self.form(app.get(PAGE, headers=sysadmin).body)
        changed = {**form, config.BASE_IRI: "khong phai", config.AGENCY_CODE: "H99", "save": "1"}
        page = app.post(f"/en{PAGE}", data=changed, headers=sysadmin).body
        assert "“khong phai” is not a web address" in page
        assert self.form(page)[config.BASE_IRI] == "khong phai"
        assert options.stored() == set()

    def test_example_shows_a_template_without_storing_it(self, app, sysadmin):
        form = self.form(app.get(PAGE, headers=sysadmin).body)
        changed = {**form, config.ATTRIBUTION_TEMPLATE: "Nguồn: {identifier}", "preview": "1"}
        page = app.post(PAGE, data=changed, headers=sysadmin).body
        assert "Nguồn: H99.02-000017" in page
        assert options.stored() == set()

    def test_example_of_a_bad_template_says_why(self, app, sysadmin):
        form = self.form(app.get(PAGE, headers=sysadmin).body)
        changed = {**form, config.ATTRIBUTION_TEMPLATE: "{nguon}", "preview": "1"}
        page = app.post(f"/en{PAGE}", data=changed, headers=sysadmin).body
        assert "There is no place “nguon”" in page
        assert "The sentence cannot be made from this template" in page

    @pytest.mark.ckan_config(config.ATTRIBUTION_TEMPLATE, '"><script>alert(1)</script>{title}')
    def test_html_in_a_template_of_the_file_is_shown_as_text(self, app, sysadmin):
        page = app.get(PAGE, headers=sysadmin).body
        assert "<script>alert(1)" not in page
        assert "it may hold no HTML" in page

    @pytest.mark.ckan_config(config.LEGAL_EDITION, "khong-co")
    def test_choice_that_is_gone_is_shown_as_it_is(self, app, sysadmin):
        page = app.get(f"/en{PAGE}", headers=sysadmin).body
        assert self.form(page)[config.LEGAL_EDITION] == "khong-co"
        assert "“khong-co” is not among the choices" in page

    def test_other_fields_of_a_request_are_left_alone(self, app, sysadmin):
        form = self.form(app.get(PAGE, headers=sysadmin).body)
        app.post(PAGE, data={**form, "ckan.site_title": "Kẻ khác"}, headers=sysadmin)
        assert model.get_system_info("ckan.site_title") is None

    def test_reset_forgets_what_was_changed(self, app, sysadmin):
        update(agency_code="H99")
        app.post(f"{PAGE}/reset", headers=sysadmin)
        assert options.stored() == set()

    def test_reset_needs_a_post(self, app, sysadmin):
        update(agency_code="H99")
        assert app.get(f"{PAGE}/reset", headers=sysadmin).status_code in {404, 405}
        assert options.stored() == {config.AGENCY_CODE}

    def test_every_form_carries_the_token(self, app, sysadmin):
        update(agency_code="H99")
        page = BeautifulSoup(app.get(PAGE, headers=sysadmin).body, "html.parser")
        forms = page.select("#content form[method=post]")
        assert len(forms) == 2
        for form in forms:
            assert form.select("input[type=hidden][name=_csrf_token]")

    @pytest.fixture
    def browser(self, app: Any, clean_settings: None, monkeypatch: Any) -> Iterator[Any]:
        """A system administrator's browser, on a portal that checks the token of forms."""
        monkeypatch.setitem(app.flask_app.config, "WTF_CSRF_ENABLED", True)
        user = factories.Sysadmin()
        with app.flask_app.test_client() as client:
            with client.session_transaction() as session:
                session["_user_id"] = user["id"]
                session["_fresh"] = True
            yield client

    @pytest.mark.parametrize("path", [PAGE, f"{PAGE}/reset"])
    def test_request_of_a_browser_without_the_token_is_refused(self, browser, path):
        update(default_license="cc-by")
        reply = browser.post(path, data={config.AGENCY_CODE: "H99", "save": "1"})
        assert reply.status_code == 400
        assert options.stored() == {config.DEFAULT_LICENSE}

    def test_a_request_with_an_api_token_does_not_open_the_page_to_others(self, app, browser):
        """CKAN frees a page from the check once anybody has sent it an API token."""
        headers = {"Authorization": factories.UserWithToken()["token"]}
        app.post(PAGE, headers=headers, status=403)
        reply = browser.post(PAGE, data={config.AGENCY_CODE: "H99", "save": "1"})
        assert reply.status_code == 400
        assert options.stored() == set()

    def test_request_of_a_browser_with_the_token_is_taken(self, browser):
        page = BeautifulSoup(browser.get(PAGE).get_data(as_text=True), "html.parser")
        token = page.select_one("form.nd47-settings input[name=_csrf_token]")
        assert token
        data = {config.AGENCY_CODE: "H99", "save": "1", "_csrf_token": token["value"]}
        assert browser.post(PAGE, data=data).status_code == 302
        assert options.stored() == {config.AGENCY_CODE}

    def test_lists_the_rows_that_nobody_verified(self, app, sysadmin):
        page = BeautifulSoup(app.get(f"/en{PAGE}", headers=sysadmin).body, "html.parser")
        section = page.select_one(".nd47-unverified")
        assert section
        shown = " ".join(section.get_text(" ").split())
        unverified = settings_views.unverified_lists()
        assert unverified
        for one in unverified:
            assert f"({len(one.rows)}) {one.id}" in shown

    def test_lists_the_texts_to_be_retaken_from_the_gazette(self, app, sysadmin):
        page = app.get(PAGE, headers=sysadmin).body
        for one in settings_views.unchecked():
            assert one.source in page

    @pytest.mark.parametrize("name", ["rieng", "frequency"])
    def test_broken_list_of_the_portal_is_named(self, app, sysadmin, tmp_path, ckan_config, name):
        broken = tmp_path / f"{name}.yaml"
        broken.write_text("id: [", encoding="utf-8")
        ckan_config[config.VOCABULARY_FOLDER] = str(tmp_path)
        assert str(broken) in app.get(PAGE, headers=sysadmin).body
