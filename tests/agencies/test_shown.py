"""Names of agencies on CKAN's own pages, in Vietnamese and in English."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.lib.language.text import sort_key
from tests.agencies.conftest import People, agency, dataset, focal_point, result_of
from tests.support.statements import statements

VIETNAMESE = "Sở Khoa học và Công nghệ"
ENGLISH = "Department of Science"
LANGUAGES = pytest.mark.parametrize(
    ("prefix", "name"), [("/en", ENGLISH), ("/vi", VIETNAMESE)], ids=["en", "vi"]
)


@pytest.fixture(scope="module")
def named(people: People) -> dict[str, Any]:
    """An agency with a name in English and a dataset."""
    one = agency(
        VIETNAMESE, title_en=ENGLISH, users=[{"name": people.admin["name"], "capacity": "admin"}]
    )
    return {**one, "dataset": dataset(one)["name"]}


@pytest.fixture(scope="module")
def unnamed(portal: None) -> dict[str, Any]:
    """An agency without a name in English, with a dataset."""
    one = agency("Sở Tư pháp")
    return {**one, "dataset": dataset(one)["name"]}


@pytest.fixture(scope="module")
def several(people: People) -> None:
    """Agencies whose order differs between the languages."""
    for title, title_en in (("Ban A", "Zoo"), ("Sở Z", "Archive"), ("Đài Đ", "")):
        agency(
            title, title_en=title_en, users=[{"name": people.admin["name"], "capacity": "admin"}]
        )


def texts(app: CKANTestApp, path: str, selector: str, **arguments: Any) -> list[str]:
    page = BeautifulSoup(app.get(path, status=200, **arguments).data, "html.parser")
    return [element.get_text(" ", strip=True) for element in page.select(selector)]


def sent_by(app: CKANTestApp, path: str) -> int:
    app.get(path)
    with statements() as sent:
        app.get(path)
    return len(sent)


def as_admin(people: People) -> dict[str, dict[str, str]]:
    return {"headers": {"Authorization": people.admin["token"]}}


class TestLanguage:
    @LANGUAGES
    @pytest.mark.parametrize(
        ("path", "selector"),
        [
            ("/dataset/", ".nav-facet .item-label"),
            ("/dataset/?organization={name}", ".filter-list .filtered"),
            ("/dataset/{dataset}", ".breadcrumb li"),
            ("/organization/", ".media-heading"),
            ("/organization/{name}", "h1"),
            ("/organization/{name}", ".breadcrumb li"),
            ("/organization/{name}", "title"),
        ],
    )
    def test_names_are_in_that_of_the_page(
        self,
        app: CKANTestApp,
        named: dict[str, Any],
        prefix: str,
        name: str,
        path: str,
        selector: str,
    ) -> None:
        found = " ".join(texts(app, prefix + path.format(**named), selector))
        assert name in found
        assert ({ENGLISH, VIETNAMESE} - {name}).pop() not in found

    @pytest.mark.parametrize("path", ["/dataset/{dataset}", "/organization/{name}"])
    def test_one_without_a_name_in_english_has_its_own(
        self, app: CKANTestApp, unnamed: dict[str, Any], path: str
    ) -> None:
        found = " ".join(texts(app, "/en" + path.format(**unnamed), ".breadcrumb li"))
        assert unnamed["title"] in found

    @LANGUAGES
    def test_it_holds_for_the_agencies_of_an_account(
        self, app: CKANTestApp, people: People, named: dict[str, Any], prefix: str, name: str
    ) -> None:
        path = f"{prefix}/dashboard/organizations"
        assert name in texts(app, path, ".media-heading", **as_admin(people))

    @LANGUAGES
    def test_it_holds_for_the_path_to_the_form(
        self, app: CKANTestApp, people: People, named: dict[str, Any], prefix: str, name: str
    ) -> None:
        path = f"{prefix}/organization/edit/{named['name']}"
        assert name in texts(app, path, ".breadcrumb li", **as_admin(people))

    def test_the_english_page_tells_the_title_in_vietnamese(
        self, app: CKANTestApp, named: dict[str, Any]
    ) -> None:
        told = texts(app, f"/en/organization/{named['name']}", ".nd47-agency-english [lang=vi]")
        assert told == [VIETNAMESE]

    def test_groups_are_left_alone(self, app: CKANTestApp) -> None:
        group = factories.Group(title="Giáo dục")
        assert texts(app, f"/en/group/{group['name']}", ".breadcrumb .active") == ["Giáo dục"]


class TestForms:
    """Agencies to choose from in the form of a dataset."""

    FIELDS = pytest.mark.parametrize("field", ["owner_org", "responsible_agency"])

    @staticmethod
    def offered(
        app: CKANTestApp, people: People, prefix: str, field: str, dataset_name: str
    ) -> list[str]:
        page = "dataset/new" if field == "owner_org" else f"dataset/edit/{dataset_name}/2"
        selector = f"select[name={field}] option[value]:not([value=''])"
        return texts(app, f"{prefix}/{page}", selector, **as_admin(people))

    @LANGUAGES
    @FIELDS
    def test_their_names_are_in_the_language_of_the_page(
        self,
        app: CKANTestApp,
        people: People,
        named: dict[str, Any],
        prefix: str,
        name: str,
        field: str,
    ) -> None:
        offered = self.offered(app, people, prefix, field, named["dataset"])
        assert name in offered
        assert ({ENGLISH, VIETNAMESE} - {name}).pop() not in offered

    @LANGUAGES
    @FIELDS
    def test_they_stand_in_the_order_of_what_is_read(
        self,
        app: CKANTestApp,
        people: People,
        named: dict[str, Any],
        several: None,
        prefix: str,
        name: str,
        field: str,
    ) -> None:
        offered = self.offered(app, people, prefix, field, named["dataset"])
        assert {"/en": {"Zoo", "Archive", "Đài Đ"}, "/vi": {"Ban A", "Sở Z"}}[prefix] < {*offered}
        assert offered == sorted(offered, key=sort_key)


class TestWhatIsNotShown:
    def test_the_form_has_the_stored_title(
        self, app: CKANTestApp, people: People, named: dict[str, Any]
    ) -> None:
        reply = app.get(f"/en/organization/edit/{named['name']}", **as_admin(people))
        page = BeautifulSoup(reply.data, "html.parser")
        field: Any = page.select_one("input[name=title]")
        assert field["value"] == VIETNAMESE

    @pytest.mark.parametrize("action", ["organization_show", "package_show", "package_search"])
    def test_answers_of_the_api_do_not_depend_on_the_language(
        self, app: CKANTestApp, named: dict[str, Any], action: str
    ) -> None:
        wanted = named["dataset"] if action == "package_show" else named["name"]
        query = {"id": wanted} if "show" in action else {"facet.field": '["organization"]'}
        answers = [
            result_of(app.get(f"{prefix}/api/3/action/{action}", query_string=query))
            for prefix in ("/en", "/vi")
        ]
        assert answers[0] == answers[1]
        assert ENGLISH not in str(answers[0].get("search_facets", ""))
        assert answers[0].get("display_name") in (None, VIETNAMESE)

    def test_the_stored_dataset_has_no_translation(
        self, app: CKANTestApp, named: dict[str, Any]
    ) -> None:
        app.get(f"/en/dataset/{named['dataset']}")
        owner = call_action("package_show", id=named["dataset"])["organization"]
        assert "title_translated" not in owner


class TestStatements:
    @pytest.mark.parametrize("path", ["/dataset/", "/focal-points"])
    def test_more_agencies_need_no_more_statements(self, app: CKANTestApp, path: str) -> None:
        def more(number: int) -> None:
            for count in range(number):
                one = agency(f"Sở {path} {count}", title_en=f"Department {count}")
                dataset(one)
                focal_point(one["id"])

        more(1)
        before = sent_by(app, f"/en{path}")
        more(3)
        assert sent_by(app, f"/en{path}") == before

    def test_a_list_of_agencies_needs_one_more_than_in_vietnamese(
        self, app: CKANTestApp, named: dict[str, Any], unnamed: dict[str, Any]
    ) -> None:
        english, vietnamese = (sent_by(app, f"/{lang}/organization/") for lang in ("en", "vi"))
        assert english <= vietnamese + 1
