"""Catalogues stay apart for translators and come together for CKAN."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from babel.messages.pofile import PoFileError
from babel.support import Translations

from ckanext.nd47.lib.language import catalogues as module
from ckanext.nd47.lib.language.catalogues import (
    MERGED_DOMAIN,
    OWN_DOMAIN,
    compile_catalogues,
    locales,
    merge,
    source_path,
)


def loaded(folder: Path, domain: str) -> Translations:
    """Load a compiled catalogue as CKAN does."""
    found = Translations.load(folder, ["vi"], domain)
    assert isinstance(found, Translations)
    return found


def test_merged_catalogue_holds_every_source(catalogues):
    folder = catalogues({"ckan": {"Home": "Trang chủ"}, "ckanext-harvest": {"Stop": "Dừng"}})
    compile_catalogues(folder)
    merged = loaded(folder, MERGED_DOMAIN)
    assert merged.gettext("Home") == "Trang chủ"
    assert merged.gettext("Stop") == "Dừng"


def test_own_messages_are_compiled_apart_too(catalogues):
    """Plugin nd47 shows them without nd47_l10n."""
    folder = catalogues({"ckan": {"Home": "Trang chủ"}, OWN_DOMAIN: {"Focal point": "Đầu mối"}})
    compile_catalogues(folder)
    own = loaded(folder, OWN_DOMAIN)
    assert own.gettext("Focal point") == "Đầu mối"
    assert own.gettext("Home") == "Home"


def test_own_translation_wins_over_an_extension(catalogues):
    folder = catalogues({"ckan": {"Identifier": "Mã"}, OWN_DOMAIN: {"Identifier": "Mã định danh"}})
    assert merge(folder, "vi")["Identifier"].string == "Mã định danh"


def test_untranslated_message_hides_nothing(catalogues):
    folder = catalogues({"ckan": {"Home": "Trang chủ"}, OWN_DOMAIN: {"Home": ""}})
    assert merge(folder, "vi")["Home"].string == "Trang chủ"


def test_fuzzy_message_is_left_out(catalogues):
    folder = catalogues({"ckan": {"Home": "Trang chủ"}})
    path = source_path(folder, "vi", "ckan")
    path.write_text(path.read_text().replace('msgid "Home"', '#, fuzzy\nmsgid "Home"'))
    assert "Home" not in merge(folder, "vi")


def test_unknown_catalogue_is_compiled_but_not_merged(catalogues):
    folder = catalogues({"other": {"Home": "Nhà"}})
    compile_catalogues(folder)
    assert loaded(folder, "other").gettext("Home") == "Nhà"
    assert "Home" not in merge(folder, "vi")


def test_javascript_builder_finds_template_and_places(catalogues):
    """CKAN takes from the .pot beside the catalogue which messages scripts use."""
    folder = catalogues({"ckanext-xloader": {"Yes": "Có"}})
    path = source_path(folder, "vi", "ckanext-xloader")
    path.write_text(path.read_text().replace('msgid "Yes"', '#: a/b.js\nmsgid "Yes"'))
    compile_catalogues(folder)
    template = polib.pofile(str(folder / f"{MERGED_DOMAIN}.pot"))
    entry = template.find("Yes")
    assert entry is not None
    assert (entry.occurrences[0][0], entry.msgstr) == ("a/b.js", "")


def test_second_compilation_gives_the_same_messages(catalogues):
    folder = catalogues({"ckan": {"Home": "Trang chủ"}})
    first = [path.read_bytes() for path in compile_catalogues(folder)]
    assert [path.read_bytes() for path in compile_catalogues(folder)][0] == first[0]
    assert len(first) == 2


def test_malformed_catalogue_stops_the_build(catalogues):
    folder = catalogues({"ckan": {}})
    source_path(folder, "vi", "ckan").write_text('msgid "Home"\nno string\n')
    with pytest.raises(PoFileError):
        compile_catalogues(folder)


def test_folder_without_catalogues_gives_nothing(tmp_path):
    assert locales(tmp_path) == []
    assert compile_catalogues(tmp_path) == []


def test_module_runs_without_ckan():
    """setup.py loads it on machines that have only babel."""
    path = module.__file__
    assert path is not None
    tree = ast.parse(Path(path).read_text())
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {name.split(".")[0] for name in imported} <= {"__future__", "pathlib", "babel"}


def test_module_can_be_loaded_by_its_path(tmp_path):
    code = f"import runpy; print(runpy.run_path({module.__file__!r})['OWN_DOMAIN'])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert result.stdout.strip() == OWN_DOMAIN
