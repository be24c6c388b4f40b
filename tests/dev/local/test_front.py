"""nginx in front of the portal: the same compression and caching as in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev.local import front
from dev.local.run_folder import REPOSITORY


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The configuration for an instance with one web server."""
    monkeypatch.setattr(front, "RUN", tmp_path)
    front.write("portal", 5000, [15008])
    return front.configuration("portal").read_text(encoding="utf-8")


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_documentation_has_the_settings_of_the_sample_portal():
    settings = lines(front.DELIVERY.read_text(encoding="utf-8"))
    page = lines((REPOSITORY / "docs" / "production.md").read_text(encoding="utf-8"))
    start = page.index(settings[0])
    assert page[start : start + len(settings)] == settings


def test_sample_portal_is_served_with_them(written: str):
    assert front.DELIVERY.read_text(encoding="utf-8") in written


def test_only_the_loopback_address_listens(written: str):
    assert [line for line in lines(written) if line.startswith("listen")] == [
        "listen 127.0.0.1:5000;"
    ]


def test_single_web_server_is_never_left_out(written: str):
    assert "server 127.0.0.1:15008 max_fails=0;" in written


def test_one_of_two_web_servers_is_left_out_while_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(front, "RUN", tmp_path)
    front.write("multi", 5000, [15006, 15007])
    written = front.configuration("multi").read_text(encoding="utf-8")
    assert written.count("max_fails=1 fail_timeout=2s;") == 2
