"""The doctor on a portal that has started: its page, its command, and what only it can see."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import jobs, munge
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp

from ckanext.nd47.dcat import health
from ckanext.nd47.doctor.checks import options as checks_options
from ckanext.nd47.doctor.checks import started as checks_started
from ckanext.nd47.doctor.cli import doctor
from ckanext.nd47.doctor.diagnosis import diagnose
from ckanext.nd47.doctor.finding import catalogue
from ckanext.nd47.doctor.portal import running
from tests.doctor.setups import ids
from tests.support.fixtures import portal_and_app

PLUGINS = "nd47 nd47_dcat nd47_l10n scheming_datasets scheming_organizations dcat"
PAGE = "/ckan-admin/nd47-doctor"
LATER = checks_started.dt.datetime.fromisoformat("2026-11-28T08:00:00+00:00")


portal, app = portal_and_app(PLUGINS)


pytestmark = pytest.mark.usefixtures("portal")


def seen(look: Any) -> list[str]:
    """Return what one check finds on the portal."""
    checks = [check for check in checks_started.CHECKS if check.look is look]
    return ids(diagnose(running(), checks))


def figures(**changes: Any) -> health.Health:
    """The export of a sound portal, but for these figures."""
    sound: dict[str, Any] = {
        "complete": True,
        "pending": 0,
        "broken": 0,
        "lossy": 0,
        "live": 3,
        "changed": LATER,
        "dumped": LATER,
    }
    return health.Health(**{**sound, **changes})


class TestPage:
    def fetch(self, app: CKANTestApp, lang: str) -> str:
        token = factories.SysadminWithToken()["token"]
        answer = app.get(f"/{lang}{PAGE}", headers={"Authorization": token}, status=200)
        return BeautifulSoup(answer.text, "html.parser").get_text(" ", strip=True)

    @pytest.mark.parametrize("lang", ["vi", "en"])
    def test_says_what_was_found_in_the_language_of_the_request(self, app, lang):
        text = self.fetch(app, lang)
        assert catalogue()["agency-code-unset"]["what"][lang] in text
        assert "check-failed" not in text

    def test_visitor_is_sent_away(self, app):
        assert app.get(PAGE, status=None).status_code in (302, 403)

    def test_editor_is_refused(self, app):
        user = factories.User()
        factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
        token = factories.APIToken(user=user["name"])["token"]
        assert app.get(PAGE, headers={"Authorization": token}, status=None).status_code == 403

    def test_administrator_finds_it_in_the_menu(self, app):
        token = factories.SysadminWithToken()["token"]
        answer = app.get("/en/ckan-admin/nd47", headers={"Authorization": token}, status=200)
        assert f'href="/en{PAGE}"' in answer.text

    def test_writes_nothing(self, app):
        token = factories.SysadminWithToken()["token"]
        before = self.state()
        app.get(PAGE, headers={"Authorization": token}, status=200)
        assert self.state() == before

    def state(self) -> dict[str, Any]:
        """Return the rows of each table and the waiting jobs; CKAN notes the use of a token."""
        model.Session.rollback()
        tables = sa.inspect(model.Session.connection()).get_table_names()
        counts = {
            name: model.Session.scalar(sa.select(sa.func.count()).select_from(sa.table(name)))
            for name in tables
        }
        return {**counts, "jobs": len(jobs.get_queue().jobs)}

    def test_no_other_way_leads_there(self, app):
        token = factories.SysadminWithToken()["token"]
        answer = app.post(PAGE, headers={"Authorization": token}, status=None)
        assert answer.status_code in (400, 404, 405)


class TestCommand:
    def test_is_offered_with_those_of_the_suite(self):
        plugin: Any = p.get_plugin("nd47")
        (suite,) = plugin.get_commands()
        assert suite.commands["doctor"] is doctor

    def test_speaks_both_languages(self, cli):
        for lang in ("vi", "en"):
            result = cli.invoke(doctor, ["--lang", lang])
            assert catalogue()["agency-code-unset"]["what"][lang] in result.output

    def test_writes_json(self, cli):
        result = cli.invoke(doctor, ["--json", "--lang", "en"])
        told = json.loads(result.output)
        assert told["started"] is True
        assert "check-failed" not in [finding["id"] for finding in told["findings"]]
        assert result.exit_code == (0 if told["sound"] else 1)


class TestConfigurationFile:
    @pytest.mark.parametrize("text", ["[app:main", "ckan.site_url = x", None])
    def test_that_was_spoilt_since_the_start_is_named(self, text, tmp_path, monkeypatch):
        file = tmp_path / "ckan.ini"
        if text is not None:
            file.write_text(text, encoding="utf-8")
        monkeypatch.setitem(tk.config, "__file__", str(file))
        found = ids(diagnose(running(), checks_options.CHECKS))
        assert "configuration-unreadable" in found
        assert "check-failed" not in found

    def test_that_is_sound_is_not(self):
        assert "configuration-unreadable" not in ids(diagnose(running(), checks_options.CHECKS))


class TestExport:
    @pytest.mark.parametrize(
        ("wanted", "changes"),
        [
            ("export-incomplete", {"complete": False}),
            ("export-waiting", {"pending": 2}),
            ("export-broken", {"broken": 1}),
            ("export-lossy", {"lossy": 1}),
            ("export-left-out", {"left_out": ({"field": "so_cu", "datasets": 3},)}),
            ("export-moved", {"moved": ("http://cu.example",)}),
            ("dump-missing", {"dumped": None}),
            ("dump-old", {"dumped": LATER - checks_started.dt.timedelta(days=3)}),
        ],
    )
    def test_that_is_not_well(self, wanted, changes, monkeypatch):
        monkeypatch.setattr(health, "look", lambda: figures(**changes))
        assert seen(checks_started.export) == [wanted]

    @pytest.mark.parametrize("changes", [{}, {"live": 0, "dumped": None}])
    def test_that_is_well(self, changes, monkeypatch):
        monkeypatch.setattr(health, "look", lambda: figures(**changes))
        assert seen(checks_started.export) == []

    def test_that_has_no_tables_is_another_finding(self, monkeypatch):
        monkeypatch.setattr(health.migrated, "ready", lambda: False)
        assert health.look() is None
        assert seen(checks_started.export) == []

    def test_is_read_from_the_store(self):
        found = health.look()
        assert found is not None
        assert (found.pending, found.broken, found.lossy) == (0, 0, 0)


class TestRules:
    @pytest.fixture
    def pages(self, monkeypatch) -> list[dict[str, Any]]:
        """What the action gives, page by page."""
        pages: list[dict[str, Any]] = []
        monkeypatch.setattr(
            checks_started.tk, "get_action", lambda name: lambda context, data: pages.pop(0)
        )
        return pages

    def page(self, *publishable: bool, after: str | None = None) -> dict[str, Any]:
        found = [{"state": "active", "private": False, "publishable": one} for one in publishable]
        return {"results": found, "next": after}

    def test_datasets_that_could_not_be_published_are_counted(self, pages):
        pages += [self.page(True, False, after="a"), self.page(False)]
        assert seen(checks_started.rules) == ["rules-unmet"]

    def test_nothing_is_said_where_all_could(self, pages):
        pages += [self.page(True)]
        assert seen(checks_started.rules) == []

    def test_private_datasets_and_drafts_are_not_counted(self, pages):
        hidden = self.page(False, False)
        hidden["results"][0]["private"] = True
        hidden["results"][1]["state"] = "draft"
        pages += [hidden]
        assert seen(checks_started.rules) == []

    def test_nobody_waits_for_all_of_a_large_portal(self, pages, monkeypatch):
        monkeypatch.setattr(checks_started, "SECONDS", -1.0)
        pages += [self.page(False, after="a")]
        assert seen(checks_started.rules) == ["rules-unmet-so-far"]

    def test_levels_that_cannot_be_used(self, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.nd47.rules", "khong-co: error")
        assert "rules-invalid" in seen(checks_started.rules)

    def test_the_real_action_answers(self):
        assert "check-failed" not in seen(checks_started.rules)


class TestOtherExtensions:
    def test_what_the_suite_wraps_fits(self):
        assert seen(checks_started.patches) == []

    def test_function_that_has_changed(self, monkeypatch):
        monkeypatch.setattr(munge, "substitute_ascii_equivalents", lambda text, locale: text)
        assert seen(checks_started.patches) == ["patch-unfit"]

    def test_function_that_is_gone(self, monkeypatch):
        monkeypatch.delattr(munge, "substitute_ascii_equivalents")
        assert seen(checks_started.patches) == ["patch-unfit"]

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("<p>khác</p>", ["template-hidden"]),
            ("{% ckan_extends %}{% block x %}{% endblock %}", []),
        ],
    )
    def test_template_of_a_theme(self, text, wanted, tmp_path: Path, monkeypatch):
        (tmp_path / "package").mkdir()
        (tmp_path / "package" / "base.html").write_text(text, encoding="utf-8")
        paths = [str(tmp_path), *tk.config["plugin_template_paths"]]
        monkeypatch.setitem(tk.config, "plugin_template_paths", paths)
        assert seen(checks_started.overridden_templates) == wanted

    def test_no_template_of_a_stock_portal_is_hidden(self):
        assert seen(checks_started.overridden_templates) == []

    @pytest.mark.parametrize(("chained", "wanted"), [(False, ["action-replaced"]), (True, [])])
    def test_action_of_another_plugin(self, chained, wanted, monkeypatch):
        def package_create(context: Any, data_dict: Any) -> None:
            """Do something else."""

        package_create.chained_action = chained  # pyright: ignore[reportFunctionMemberAccess]
        other = SimpleNamespace(name="khac", get_actions=lambda: {"package_create": package_create})
        known = [*p.PluginImplementations(p.IActions), other]
        monkeypatch.setattr(checks_started.p, "PluginImplementations", lambda interface: known)
        assert seen(checks_started.overridden_actions) == wanted
