"""Dates stand in Vietnamese pages as offices write them, and elsewhere as before."""

from __future__ import annotations

import datetime as dt

import pytest
from flask_babel import force_locale

import ckan.plugins.toolkit as tk

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "nd47_l10n"),
    pytest.mark.ckan_config("ckan.display_timezone", "Asia/Ho_Chi_Minh"),
    pytest.mark.usefixtures("with_plugins"),
]
MOMENT = "2026-11-22T20:04:05"


@pytest.fixture
def shown(app):
    """Render a date in a page of the language."""

    def run(value: object, locale: str = "vi", **options: object) -> str:
        with app.flask_app.test_request_context(), force_locale(locale):
            return tk.h.render_datetime(value, **options)

    return run


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "23/11/2026"),
        ({"with_hours": True}, "23/11/2026 03:04"),
        ({"with_seconds": True}, "23/11/2026 03:04:05"),
        ({"with_hours": True, "with_seconds": True}, "23/11/2026 03:04:05"),
        ({"date_format": "%Y"}, "2026"),
    ],
)
def test_date_has_the_day_first_in_local_time(shown, options, expected):
    assert shown(MOMENT, **options) == expected


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22T20:04:05+00:00",
        "2026-11-23T03:04:05+07:00",
        dt.datetime(2026, 11, 22, 20, 4, 5, tzinfo=dt.timezone.utc),
    ],
)
def test_moment_with_a_time_zone_is_told_in_local_time_too(shown, value):
    assert shown(value, with_hours=True) == "23/11/2026 03:04"


@pytest.mark.parametrize("value", [None, "", "không phải ngày"])
def test_no_date_is_nothing(shown, value):
    assert shown(value) == ""


def test_date_in_english_is_left_to_ckan(shown):
    assert shown(MOMENT, "en") == "November 23, 2026"


@pytest.mark.parametrize(
    ("helper", "value", "expected"),
    [
        ("localised_number", 1234.5, "1.234,5"),
        ("localised_filesize", 1536, "1,5 KiB"),
        ("localised_filesize", 12, "12 byte"),
        ("SI_number_span", 14700, '<span title="14.700">14,7 nghìn</span>'),
    ],
)
def test_numbers_are_written_with_a_decimal_comma(app, helper, value, expected):
    with app.flask_app.test_request_context(), force_locale("vi"):
        assert getattr(tk.h, helper)(value) == expected
