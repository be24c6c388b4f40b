"""Names from Vietnamese titles: in CKAN, in this room, and where CKAN makes them itself."""

from __future__ import annotations

import random
import unicodedata

import pytest

from ckan.lib import munge

from ckanext.nd47.l10n import names, patches_ckan
from tests.l10n.titles import titles


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Thủy lợi năm 2024", "thuy-loi-nam-2024"),
        ("ĐẤT ĐAI, thủy lợi & môi trường", "dat-dai-thuy-loi-moi-truong"),
        ("Diện tích 2018 – 2025", "dien-tich-2018-2025"),
        ("Sở KH&CN", "so-khcn"),
        ("a_b.c/d:e", "a_b-c-d-e"),
        ("m² và 50%", "m2-va-50"),
        ("Tỉnh\u00a0Vĩnh\tKhuê", "tinh-vinh-khue"),
        ("a", "a_"),
        ("???", ""),
        ("中文", ""),
    ],
)
def test_slug(title, name):
    assert names.slug(title) == name
    assert names.slug(unicodedata.normalize("NFD", title)) == name


def test_long_title_keeps_the_years_at_its_end():
    name = names.slug("Số liệu thống kê " * 10 + "giai đoạn 2018-2025")
    assert len(name) == names.MAX_LENGTH
    assert name.endswith("-2018-2025")


def test_given_name_stays_what_it_is():
    assert names.slug("thy-li-nm-2024") == "thy-li-nm-2024"


@pytest.mark.ckan_config("ckan.plugins", "nd47_l10n")
@pytest.mark.usefixtures("with_plugins")
class TestMunge:
    def test_datasets(self):
        assert munge.munge_title_to_name("Thủy lợi năm 2024") == "thuy-loi-nam-2024"

    def test_harvested_datasets(self):
        # Imported here: its tables would be among those of every other test.
        from ckanext.harvest.harvesters import base

        assert base.munge_title_to_name("Đất đai") == "dat-dai"

    def test_tags(self):
        assert munge.munge_tag("Thủy lợi") == "thuy-loi"

    @pytest.mark.parametrize(
        ("original", "stored"),
        [
            ("Đất đai & Nhà ở.xlsx", "dat-dai-nha-o.xlsx"),
            ("Báo cáo v1.2.tar.gz", "bao-cao-v1.2.tar.gz"),
            ("C:\\Tài liệu\\Số.csv", "ctai-lieuso.csv"),
            ("../../Mật khẩu.txt", "mat-khau.txt"),
            ("dữ_liệu.CSV", "du_lieu.csv"),
        ],
    )
    def test_files(self, original, stored):
        assert munge.munge_filename(original) == stored

    def test_agrees_with_the_slug_on_random_titles(self):
        unlike = [
            title
            for title in titles(random.Random(47), 10_000)
            if (name := names.slug(title)) and munge.munge_title_to_name(title) != name
        ]
        assert not unlike

    def test_is_installed_once(self):
        installed = munge.substitute_ascii_equivalents
        patches_ckan.patch_munge()
        assert munge.substitute_ascii_equivalents is installed


@pytest.mark.ckan_config("ckan.plugins", "activity")
@pytest.mark.usefixtures("with_plugins")
def test_ckan_names_as_before_where_the_plugin_is_off():
    patches_ckan.patch_munge()
    assert munge.munge_title_to_name("Thủy lợi") == "thy-li"
