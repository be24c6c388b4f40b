"""What is stored: names from titles, one spelling of titles and tags, names of files."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.config.middleware import make_app
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action, reset_db

from ckanext.nd47.l10n import spelling
from ckanext.nd47.lib.language import text
from tests.support.loaded import only


def nfd(typed: str) -> str:
    return unicodedata.normalize("NFD", typed)


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, Any]]:
    """A CKAN with this plugin alone, and an agency."""
    with only("nd47_l10n"):
        reset_db()
        yield factories.Organization()


@pytest.fixture(autouse=True)
def agency(portal: dict[str, Any], ckan_config: Any) -> dict[str, Any]:
    """The agency, with the plugin named whatever the configuration was reset to."""
    tk.config["ckan.plugins"] = ["nd47_l10n"]
    return portal


def dataset(agency: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return call_action("package_create", owner_org=agency["id"], **fields)


def test_dataset_without_a_name_gets_one_from_its_title(agency):
    assert dataset(agency, title="Thủy lợi năm 2024")["name"] == "thuy-loi-nam-2024"
    assert dataset(agency, title="Thuỷ lợi năm 2024")["name"] == "thuy-loi-nam-2024-2"


def test_given_name_is_kept(agency):
    assert dataset(agency, name="ten-rieng", title="Đất đai")["name"] == "ten-rieng"


def test_dataset_without_name_and_title_is_refused_as_by_ckan(agency):
    with pytest.raises(tk.ValidationError):
        dataset(agency)


def test_title_without_letters_is_refused_as_by_ckan(agency):
    with pytest.raises(tk.ValidationError):
        dataset(agency, title="???")


@pytest.mark.parametrize("action", ["organization_create", "group_create"])
def test_agency_and_group_without_a_name_get_one(action):
    user = factories.Sysadmin()
    made = call_action(action, context={"user": user["name"]}, title=f"Sở Đất đai {action[0]}")
    assert made["name"] == f"so-dat-dai-{action[0]}"


def test_name_does_not_follow_a_new_title(agency):
    made = dataset(agency, title="Tên đầu")
    changed = call_action("package_patch", id=made["id"], title="Tên sau")
    assert changed["name"] == "ten-dau"


def test_title_is_stored_composed(agency):
    made = dataset(agency, title=nfd("Đường bộ"))
    assert made["title"] == "Đường bộ"
    changed = call_action("package_patch", id=made["id"], title=nfd("Đường thủy"))
    assert changed["title"] == "Đường thủy"


@pytest.mark.parametrize("typed", ["hòa giải", "hoà giải", nfd("hòa giải"), nfd("hoà giải")])
def test_tag_in_another_form_is_no_second_tag(agency, typed):
    dataset(agency, title="Một", tags=[{"name": "hòa giải"}])
    made = dataset(agency, title="Hai", tags=[{"name": typed}])
    assert [tag["name"] for tag in made["tags"]] == ["hòa giải"]
    stored = [tag.name for tag in model.Session.query(model.Tag)]
    assert len([one for one in stored if text.fold(one) == "hoa giai"]) == 1


def test_tag_typed_in_two_forms_at_once_is_one(agency):
    made = dataset(agency, title="Ba", tags=[{"name": "thủy văn"}, {"name": "thuỷ văn"}])
    assert len(made["tags"]) == 1


def test_tags_in_one_text_are_treated_alike(agency):
    known = spelling.normalised({"tag_string": f"hoá chất, {nfd('hóa chất')},Hóa chất"})
    assert known["tag_string"] == "hoá chất,Hóa chất"


@pytest.mark.parametrize("typed", ["hoa giai", "Hòa giải", "hóa giải"])
def test_other_words_are_other_tags(agency, typed):
    dataset(agency, title="Bốn", tags=[{"name": "hòa giải"}])
    made = dataset(agency, title="Năm", tags=[{"name": typed}])
    assert [tag["name"] for tag in made["tags"]] == [typed]


def test_record_of_the_caller_stays_as_it_was():
    record = {"title": nfd("Đ ấ"), "tags": [{"name": nfd("ấ")}, "odd", {"name": 5}]}
    copy = {"title": record["title"], "tags": list(record["tags"])}
    spelling.normalised(record)
    assert record == copy


@pytest.mark.parametrize(
    ("word", "ways"),
    [("hòa", ["hòa", "hoà"]), ("thuỷ", ["thuỷ", "thủy"]), ("quý", ["quý"]), ("hoa", ["hoa"])]
    + [("HUỶ", ["HUỶ", "HỦY"]), ("hoàn", ["hoàn"]), ("tuổi", ["tuổi"])],
)
def test_places_of_the_tone_mark(word, ways):
    assert text.tone_places(word) == ways


@pytest.fixture
def disposition(agency):
    """Upload a file under a name; gives its name on disk and what a download says of names."""

    def run(filename: str) -> tuple[str, str]:
        made = dataset(agency, title="Tệp")
        file = FileStorage(io.BytesIO(b"a,b\n1,2\n"), filename, content_type="text/csv")
        resource = call_action("resource_create", package_id=made["id"], upload=file, name="Tệp")
        path = resource["url"].replace(tk.config["ckan.site_url"], "")
        answer = CKANTestApp(make_app(tk.config)).get(path)
        assert "Set-Cookie: a" not in str(answer.headers)
        return path.rpartition("/")[2], answer.headers["Content-Disposition"]

    return run


def test_file_is_stored_plainly_and_downloaded_under_its_own_name(disposition):
    stored, header = disposition("Đất đai & Nhà ở.csv")
    assert stored == "dat-dai-nha-o.csv"
    assert header.endswith(
        '; filename="dat-dai-nha-o.csv"; '
        "filename*=UTF-8''%C4%90%E1%BA%A5t%20%C4%91ai%20%26%20Nh%C3%A0%20%E1%BB%9F.csv"
    )


def test_header_cannot_be_broken_by_a_name(disposition):
    _stored, header = disposition('Đ"; x=1\r\nSet-Cookie: a=b.csv')
    assert header.count('"') == 2
    assert "x=1" not in header


def test_plain_name_needs_no_second_one(disposition):
    assert "filename*" not in disposition("a.csv")[1]
