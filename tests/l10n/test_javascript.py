"""The scripts of CKAN and its extensions speak Vietnamese."""

from __future__ import annotations

import json
from pathlib import Path

import polib
import pytest

import ckan
from ckan.lib.i18n import build_js_translations

pytestmark = [pytest.mark.usefixtures("with_plugins"), pytest.mark.slow]


@pytest.fixture(scope="module")
def built_before() -> dict[str, dict]:
    """What `built` gave, by the plugins: to build takes seconds."""
    return {}


@pytest.fixture
def built(tmp_path, ckan_config, monkeypatch, built_before) -> dict:
    """What a browser loads as `/api/i18n/vi`."""
    plugins = " ".join(ckan_config["ckan.plugins"])
    if plugins not in built_before:
        monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
        build_js_translations()
        script = (tmp_path / "i18n" / "js" / "vi.js").read_text(encoding="utf-8")
        built_before[plugins] = json.loads(script)
    return built_before[plugins]


def scripted() -> list[polib.POEntry]:
    """Return the messages of CKAN that stand in scripts."""
    template = polib.pofile(f"{Path(ckan.__file__).parent}/i18n/ckan.pot")
    return [e for e in template if any(path.endswith(".js") for path, _ in e.occurrences)]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(names, marks=pytest.mark.ckan_config("ckan.plugins", names))
        for names in ("nd47_l10n", "nd47_l10n dcat", "dcat nd47_l10n")
    ],
)
def test_every_message_of_a_script_is_translated(built, names):
    assert len(scripted()) >= 45
    missing = [e.msgid for e in scripted() if not (built.get(e.msgid) or [None, ""])[1]]
    assert missing == []


@pytest.mark.ckan_config("ckan.plugins", "nd47_l10n")
def test_correction_reaches_scripts(built):
    """CKAN's own says that the changes cannot be saved."""
    text = built["There are unsaved modifications to this form"]
    assert text == [None, "Biểu mẫu này có thay đổi chưa lưu"]


@pytest.mark.ckan_config("ckan.plugins", "")
def test_stock_scripts_are_not_corrected(built):
    """The counterpart: the texts above come from the plugin."""
    text = built["There are unsaved modifications to this form"]
    assert text != [None, "Biểu mẫu này có thay đổi chưa lưu"]


@pytest.mark.ckan_config("ckan.plugins", "nd47_l10n")
def test_plural_has_one_form(built):
    text = built["Input is too short, must be at least one character"]
    assert text[1:] == ["Nội dung nhập quá ngắn, cần ít nhất %(num)d ký tự"]
