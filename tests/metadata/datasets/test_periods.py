"""What an officer reads and gets who types the period of a file."""

from __future__ import annotations

import pytest

import ckan.plugins.toolkit as tk

pytestmark = pytest.mark.usefixtures("portal", "without_rules")


@pytest.mark.parametrize(
    ("typed", "stored"), [("quý I/2024", "20241"), ("Năm học 2024-2025", "NH2024-2025")]
)
def test_it_is_stored_in_its_form(create, typed, stored):
    dataset = create(resources=[{"url": "https://a.example/x.csv", "period": typed}])
    assert dataset["resources"][0]["period"] == stored


def test_two_years_are_asked_about(create):
    with pytest.raises(tk.ValidationError) as refused:
        create(resources=[{"url": "https://a.example/x.csv", "period": "2024-2025"}])
    told = str(refused.value.error_dict["resources"])
    assert "“school year 2024-2025” or “years 2024-2025”" in told
