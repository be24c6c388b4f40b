"""Catalogues follow the installed versions without losing a translation."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from ckanext.nd47.lib.language.catalogues import OWN_DOMAIN, read_catalogue, source_path
from dev.i18n.sources import Source
from dev.i18n.update import Coverage, measure, update


@pytest.fixture
def extension(tmp_path, monkeypatch) -> Iterator[Source]:
    """An installed extension with two messages, one of them in the plural."""
    package = tmp_path / "code" / "sample_extension"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('_("Home")\nngettext("{n} row", "{n} rows", 2)\n')
    monkeypatch.syspath_prepend(str(package.parent))
    yield Source("ckan", ("sample_extension",))
    sys.modules.pop("sample_extension", None)


def test_update_adds_new_and_drops_old_messages(catalogues, extension):
    folder = catalogues({"ckan": {"Gone": "Đã mất"}})
    update(folder, "vi", extension)
    found = [m.id for m in read_catalogue(source_path(folder, "vi", "ckan"), "vi") if m.id]
    assert found == ["Home", ("{n} row", "{n} rows")]
    assert "Gone" not in source_path(folder, "vi", "ckan").read_text()


def test_update_keeps_translations(catalogues, extension):
    folder = catalogues({"ckan": {"Home": "Trang chủ"}})
    update(folder, "vi", extension)
    assert read_catalogue(source_path(folder, "vi", "ckan"), "vi")["Home"].string == "Trang chủ"


def test_update_guesses_nothing(catalogues, extension):
    """A similar old message must not become the translation of a new one."""
    folder = catalogues({"ckan": {"Homes": "Những trang chủ"}})
    update(folder, "vi", extension)
    assert not read_catalogue(source_path(folder, "vi", "ckan"), "vi")["Home"].string


def test_update_makes_a_missing_catalogue(catalogues, extension):
    folder = catalogues({})
    update(folder, "vi", extension)
    assert source_path(folder, "vi", "ckan").is_file()


def test_second_update_changes_nothing(catalogues, extension):
    folder = catalogues({"ckan": {"Home": "Trang chủ"}})
    path = source_path(folder, "vi", "ckan")
    update(folder, "vi", extension)
    first = path.read_bytes()
    update(folder, "vi", extension)
    assert path.read_bytes() == first


def test_update_writes_a_template_for_own_messages_only(catalogues, extension):
    folder = catalogues({})
    update(folder, "vi", extension)
    assert list(folder.glob("*.pot")) == []
    update(folder, "vi", Source(OWN_DOMAIN, extension.packages))
    assert [path.name for path in folder.glob("*.pot")] == [f"{OWN_DOMAIN}.pot"]


def test_measure_counts_what_is_translated(catalogues, extension):
    folder = catalogues({"ckan": {"Home": "Trang chủ"}})
    result = measure(folder, "vi", extension)
    assert result == Coverage("ckan", 2, ("{n} row",))
    assert (result.covered, result.complete) == (1, False)


def test_measure_of_a_missing_catalogue_is_nought(catalogues, extension):
    assert measure(catalogues({}), "vi", extension).covered == 0


def test_complete_catalogue_has_nothing_missing(catalogues, extension):
    folder = catalogues({})
    update(folder, "vi", extension)
    path = source_path(folder, "vi", "ckan")
    text = path.read_text().replace('"Home"\nmsgstr ""', '"Home"\nmsgstr "Trang chủ"')
    path.write_text(text.replace('msgstr[0] ""', 'msgstr[0] "{n} dòng"'))
    assert measure(folder, "vi", extension).complete
