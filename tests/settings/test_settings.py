"""Options that an administrator changes at run time: what is accepted, who may, who sees it."""

from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import config_declaration
from ckan.config.declaration.option import Flag
from ckan.lib import app_globals
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path
from ckanext.nd47.settings import options
from tests.metadata.conftest import PLUGINS
from tests.settings.conftest import OWN_PREFIX, PAGE, update

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.usefixtures("with_plugins"),
]


REPOSITORY = Path(__file__).parents[2]


GOOD = [
    (config.AGENCY_CODE, "h99.02", "H99.02"),
    (config.AGENCY_CODE, "", ""),
    (config.LEGAL_EDITION, "nd-47-2020", "nd-47-2020"),
    (config.DEFAULT_LICENSE, "nd47-open-data", "nd47-open-data"),
    (config.DEFAULT_LICENSE, "cc-by", "cc-by"),
    (config.DEFAULT_LICENSE, "", ""),
    (config.ATTRIBUTION_TEMPLATE, "Nguồn:\r\n{agency}", "Nguồn: {agency}"),
    (config.FIELD_SCHEME, "field-hcm", "field-hcm"),
    (config.BASE_IRI, "https://dulieu.haison.example/id/", "https://dulieu.haison.example/id"),
    (config.BASE_IRI, "", ""),
    (config.DCAT_PLACE, " tỉnh  Vĩnh Khuê ", "tỉnh Vĩnh Khuê"),
    (config.DCAT_PLACE, "", ""),
    (config.DCAT_EXTENT, "107.8, 15.9, 108.4, 16.3", "107.8, 15.9, 108.4, 16.3"),
    (config.DCAT_EXTENT, "", ""),
    (config.TERMS_ADDITION_VI, "Một\r\n\r\nHai", "Một\n\nHai"),
    (config.TERMS_ADDITION_EN, "", ""),
]


BAD = [
    (config.AGENCY_CODE, "99H"),
    (config.AGENCY_CODE, "<script>"),
    (config.LEGAL_EDITION, "khong-co"),
    (config.LEGAL_EDITION, ""),
    (config.DEFAULT_LICENSE, "khong-co"),
    (config.ATTRIBUTION_TEMPLATE, ""),
    (config.ATTRIBUTION_TEMPLATE, "Nguồn: {nguon}"),
    (config.ATTRIBUTION_TEMPLATE, "{title"),
    (config.ATTRIBUTION_TEMPLATE, "{title.__class__}"),
    (config.ATTRIBUTION_TEMPLATE, "{title:>99999999}"),
    (config.ATTRIBUTION_TEMPLATE, "<b>{title}</b>"),
    (config.ATTRIBUTION_TEMPLATE, "Nguồn dữ liệu"),
    (config.ATTRIBUTION_TEMPLATE, "{title}" + "x" * 500),
    (config.FIELD_SCHEME, "khong-co"),
    (config.FIELD_SCHEME, "instrument"),
    (config.FIELD_SCHEME, "../instrument"),
    (config.BASE_IRI, "dulieu.haison.example"),
    (config.BASE_IRI, "javascript:alert(1)"),
    (config.BASE_IRI, "https://x.example/?a=b"),
    (config.BASE_IRI, "https://x.example/#a"),
    (config.BASE_IRI, "https://ten:matkhau@x.example/"),
    (config.BASE_IRI, "https://x.example/a b"),
    (config.DCAT_PLACE, "x" * 201),
    (config.DCAT_EXTENT, "107.8 15.9 108.4"),
    (config.DCAT_EXTENT, "108.4 15.9 107.8 16.3"),
    (config.DCAT_EXTENT, "107.8 15.9 nan 16.3"),
    (config.DCAT_EXTENT, "607800 1759000 672000 1803000"),
    (config.TERMS_ADDITION_VI, "x" * 20_001),
    (config.TERMS_ADDITION_VI, "a\x00b"),
    (config.TERMS_ADDITION_VI, "a\ud800b"),
    (config.RULES, "khong-co: error"),
    (config.RULES_FROM, "31/02/2027"),
    *[(option, [1]) for option in (config.BASE_IRI, config.RULES, config.LEGAL_EDITION)],
]


class TestDeclaration:
    def own(self) -> dict[str, Any]:
        """Return our declared options by key."""
        options = config_declaration.iter_options(exclude=Flag.none())
        return {
            str(key): config_declaration[key] for key in options if str(key).startswith(OWN_PREFIX)
        }

    def test_every_option_has_a_default_and_a_description(self):
        assert self.own()
        for key, option in self.own().items():
            assert option.has_default(), key
            assert (option.description or "").strip(), key

    def test_every_option_has_a_name_and_a_vietnamese_description(self):
        assert set(options.wording()) == set(self.own())
        for key, words in options.wording().items():
            assert {"vi", "en"} <= set(words["label"]), key
            assert words["description"]["vi"].strip(), key

    def test_those_marked_editable_are_those_of_the_page(self):
        # CKAN takes the mark from options that no loaded plugin offers, so the file is read.
        content = yaml.safe_load(config.DECLARATION.read_text(encoding="utf-8"))
        declared = [option for group in content["groups"] for option in group["options"]]
        marked = {option["key"] for option in declared if option.get("editable")}
        assert marked == {one.option for one in options.SETTINGS}

    def test_empty_text_that_ckan_stores_for_a_false_value_is_valid(self):
        # A worker loads the configuration again before each job.
        keys = {one.option for one in options.SETTINGS} & set(self.own())
        assert keys
        empty: Any = {**tk.config, **dict.fromkeys(keys, "")}
        _, errors = config_declaration.validate(empty)
        falsy = {key for key in keys if not self.own()[key].default}
        assert {key: errors[key] for key in falsy if key in errors} == {}

    def test_every_reader_takes_the_empty_text_that_ckan_stores(self, monkeypatch):
        for key in {one.option for one in options.SETTINGS} & set(self.own()):
            monkeypatch.setitem(tk.config, key, "")
        readers = [
            function
            for name, function in vars(config).items()
            if inspect.isfunction(function) and function.__module__ == config.__name__
            if not name.startswith("_") and not inspect.signature(function).parameters
        ]
        assert {config.approval_of_harvests, config.rules_bind_harvests} < {*readers}
        for reader in readers:
            reader()
        assert not config.approval_of_harvests()
        assert config.report_mail_day() == 0

    def test_every_key_in_the_code_is_declared(self):
        keys = {
            value
            for name, value in vars(config).items()
            if name.isupper() and isinstance(value, str) and value.startswith(OWN_PREFIX)
        }
        assert keys == set(self.own())

    def test_every_default_is_good(self):
        assert options.problems() == {}

    def test_wording_is_a_file_of_data(self):
        text = data_path("schemas", "options.yaml").read_text(encoding="utf-8")
        assert yaml.safe_load(text) == options.wording()


def proposed_licence(app: Any, headers: Any, draft: dict[str, Any]) -> str:
    """Return the licence that the form of a new dataset has chosen."""
    body = app.get(f"/dataset/new/{draft['name']}/2", headers=headers).body
    page = BeautifulSoup(body, "html.parser")
    chosen = page.select_one("#field-license_id option[selected], [name=license_id][checked]")
    assert chosen
    return str(chosen["value"])


@pytest.mark.usefixtures("clean_settings")
class TestUpdate:
    @pytest.mark.parametrize(("option", "given", "kept"), GOOD)
    def test_good_value_is_kept(self, option, given, kept):
        call_action("config_option_update", **{option: given})
        assert tk.config[option] == kept
        assert model.get_system_info(option) == kept

    @pytest.mark.parametrize(("option", "given"), BAD)
    def test_bad_value_is_refused_with_a_reason(self, option, given):
        before = tk.config[option]
        with pytest.raises(tk.ValidationError) as refused:
            call_action("config_option_update", **{option: given})
        reasons: Any = refused.value.error_dict[option]
        (reason,) = reasons
        assert len(reason) > len("no")
        assert tk.config[option] == before
        assert model.get_system_info(option) is None

    def test_one_bad_value_keeps_the_good_ones_out(self):
        with pytest.raises(tk.ValidationError):
            update(agency_code="H99", base_iri="x")
        assert options.stored() == set()

    def test_saving_ckans_own_options_leaves_ours(self):
        update(agency_code="H99")
        call_action("config_option_update", **{"ckan.site_description": "Dữ liệu mở"})
        assert tk.config[config.AGENCY_CODE] == "H99"
        model.delete_system_info("ckan.site_description")

    def test_option_that_only_the_file_sets_cannot_be_changed(self):
        with pytest.raises(tk.ValidationError):
            call_action("config_option_update", **{config.VOCABULARY_FOLDER: "/etc"})

    def test_the_form_of_a_new_dataset_proposes_the_new_licence(self, app, sysadmin, create):
        update(default_license="nd47-open-data")
        assert proposed_licence(app, sysadmin, create(state="draft")) == "nd47-open-data"

    def test_reset_goes_back_to_the_file(self, monkeypatch):
        of_the_file = vars(app_globals)["_CONFIG_CACHE"]
        monkeypatch.setitem(of_the_file, config.AGENCY_CODE, "H01")
        update(agency_code="H99")
        assert call_action("nd47_settings_reset") == [config.AGENCY_CODE]
        assert options.stored() == set()
        assert tk.config[config.AGENCY_CODE] == "H01"

    def test_reset_with_nothing_changed_changes_nothing(self):
        assert call_action("nd47_settings_reset") == []

    @pytest.mark.parametrize("action", ["nd47_settings_reset", "config_option_update"])
    @pytest.mark.parametrize("user", ["", "editor"])
    def test_nobody_but_a_system_administrator_may(self, action, user, department):
        name = user and factories.User()["name"]
        with pytest.raises(tk.NotAuthorized):
            call_action(action, {"user": name, "ignore_auth": False})


class TestWarning:
    @pytest.mark.ckan_config(config.ATTRIBUTION_TEMPLATE, "{nguon}")
    @pytest.mark.ckan_config(config.DEFAULT_LICENSE, "khong-co")
    def test_bad_values_of_the_file_are_named_in_the_log(self, caplog):
        options.warn()
        assert f"Option {config.ATTRIBUTION_TEMPLATE}: There is no place “nguon”" in caplog.text
        assert f"Option {config.DEFAULT_LICENSE}: “khong-co” is not among" in caplog.text

    def test_good_values_are_not(self, caplog):
        options.warn()
        assert "Option ckanext.nd47" not in caplog.text


OTHER_PROCESS = """
    import sys
    from ckan.cli import load_config
    from ckan.config.middleware import make_app
    app = make_app(load_config({ini!r}))
    client = app.test_client()
    for line in sys.stdin:
        reply = client.get("/license/vn-open-data-2023.ttl", headers={{"Host": "test.ckan.net"}})
        print(reply.status_code, "moi.example" in reply.get_data(as_text=True), flush=True)
"""


@pytest.mark.usefixtures("clean_settings")
class TestSecondProcess:
    @pytest.fixture
    def ask(self) -> Iterator[Any]:
        """Asks a second web process of the same portal for a page that shows the base IRI."""
        program = textwrap.dedent(OTHER_PROCESS).format(ini=str(REPOSITORY / "test.ini"))
        with subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            questions, answers = process.stdin, process.stdout
            assert questions
            assert answers

            def answer() -> str:
                questions.write("?\n")
                questions.flush()
                # What is logged goes there too.
                return next(line for line in answers if line.startswith("200 ")).strip()

            yield answer
            questions.close()

    def test_sees_a_change_and_its_end_without_a_restart(self, ask):
        assert ask() == "200 False"
        update(base_iri="https://moi.example/id")
        assert ask() == "200 True"
        call_action("nd47_settings_reset")
        assert ask() == "200 False"


class TestWrongFile:
    """A wrong value in the configuration file is named, and takes no page down."""

    @pytest.fixture
    def dataset(self, create: Any, ckan_config: dict[str, Any]) -> dict[str, Any]:
        """A dataset of a portal in whose file every option is wrong from then on."""
        ckan_config[config.RULES_FROM] = "2999-01-01"
        made = create(theme=["giao-duc"])
        ckan_config.update({one.option: "khong, phai {" for one in options.SETTINGS})
        return made

    @pytest.mark.parametrize("page", ["/dataset/{name}", "/dataset/", "/license/nd47-open-data"])
    def test_visitor_sees_the_page(self, app, clean_settings, dataset, page):
        assert app.get(page.format(name=dataset["name"])).status_code == 200

    @pytest.mark.parametrize("page", ["/dataset/new", "/dataset/edit/{name}", PAGE])
    def test_system_administrator_sees_the_page(self, app, sysadmin, dataset, page):
        shown = app.get(page.format(name=dataset["name"]), headers=sysadmin)
        assert shown.status_code == 200

    def test_every_option_is_named(self, clean_settings, dataset):
        wrong = set(options.problems())
        # Any text is good there.
        assert wrong == {one.option for one in options.offered()} - {
            config.TERMS_ADDITION_VI,
            config.TERMS_ADDITION_EN,
            config.PORTAL_TITLE_EN,
            config.DCAT_PLACE,
        }

    def test_dataset_can_be_saved(self, clean_settings, dataset):
        saved = call_action("package_patch", id=dataset["id"], title="Mới")
        assert (saved["title"], saved["theme"]) == ("Mới", ["giao-duc"])

    def test_the_form_proposes_the_licence_of_the_legal_edition(
        self, clean_settings, app, sysadmin, create, ckan_config
    ):
        ckan_config[config.DEFAULT_LICENSE] = "khong-co"
        draft = create(state="draft")
        assert proposed_licence(app, sysadmin, draft) == "vn-open-data-2023"
