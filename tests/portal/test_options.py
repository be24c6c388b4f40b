"""The options of the public face: what is refused, and that they are there with the plugin only."""

from __future__ import annotations

from typing import Any

import pytest

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.nd47.lib import config
from ckanext.nd47.lib.web import colours
from ckanext.nd47.settings import options
from tests.support.loaded import OURS, client, loaded

BAD = [
    (config.PORTAL_COLOUR, "#ffff00"),
    (config.PORTAL_COLOUR, "#777777"),
    (config.PORTAL_COLOUR, "red"),
    (config.PORTAL_COLOUR, "#fff"),
    (config.PORTAL_COLOUR, ""),
    (config.PORTAL_EMAIL, "không phải thư"),
    (config.PORTAL_EMBLEM, "javascript:alert(1)"),
    (config.PORTAL_EMBLEM, "//other.example/a.svg"),
    (config.PORTAL_FAVICON, "/a b.png"),
    (config.PORTAL_MAINTENANCE_UNTIL, "21/03/2027"),
    (config.PORTAL_MAINTENANCE_UNTIL, "2027-02-30 10:00"),
    (config.PORTAL_OPERATOR_VI, "x" * 301),
    (config.PORTAL_ABOUT_VI, "x" * 20_001),
]
GOOD = [
    (config.PORTAL_COLOUR, "#9B1C1C"),
    (config.PORTAL_COLOUR, "#767676"),
    (config.PORTAL_EMAIL, "dulieu@haison.example"),
    (config.PORTAL_EMBLEM, "/emblem.svg"),
    (config.PORTAL_EMBLEM, "https://haison.example/emblem.svg"),
    (config.PORTAL_EMBLEM, ""),
    (config.PORTAL_MAINTENANCE_UNTIL, "2027-03-21T02:00"),
    (config.PORTAL_ABOUT_EN, "# About"),
]


@pytest.mark.parametrize(("option", "value"), BAD)
def test_bad_value_is_refused(option, value):
    with pytest.raises(tk.ValidationError) as refused:
        call_action("config_option_update", **{option: value})
    assert option in refused.value.error_dict


@pytest.mark.parametrize(("option", "value"), GOOD)
def test_good_value_has_no_problem(option, value):
    assert option not in options.problems({**options.current(), option: value})


def test_contrast_is_that_of_wcag():
    assert colours.contrast("#000000") == pytest.approx(21)
    assert colours.contrast("#ffffff") == pytest.approx(1)
    assert colours.contrast("#777777") == pytest.approx(4.48, abs=0.01)


def test_defaults_have_no_problem():
    assert options.problems() == {}


class TestWithoutThePlugin:
    """A portal with a theme of its own loses nothing but what the plugin shows."""

    def test_options_are_not_offered(self):
        with loaded(OURS):
            assert not p.plugin_loaded("nd47_portal")
            offered = [one for one in options.current() if ".portal_" in one]
            # The name in English stands on the pages of any theme.
            assert offered == [config.PORTAL_TITLE_EN]

    def test_pages_of_the_suite_answer(self):
        with loaded(OURS):
            app: Any = client()
            for path in ("/vi/", "/vi/dataset/", "/vi/organization/", "/vi/about", "/vocabulary"):
                assert "nd47-head" not in app.get(path, status=200).body
            app.get("/developers", status=404)

    def test_a_theme_keeps_its_home_page(self, tmp_path):
        with loaded(OURS, extra_template_paths=str(tmp_path)):
            (tmp_path / "home").mkdir()
            page = '{% extends "page.html" %}{% block content %}Theme of Hai Son{% endblock %}'
            (tmp_path / "home" / "index.html").write_text(page, encoding="utf-8")
            app: Any = client()
            body = app.get("/vi/", status=200).body
            assert "Theme of Hai Son" in body
            assert "nd47-hero" not in body
