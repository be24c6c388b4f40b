"""What another CKAN holds of our datasets when it harvests by the API (`ckan_harvester`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli.db import _run_migrations  # pyright: ignore[reportPrivateUsage] # what `ckan db` runs
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import call_action, reset_db

from ckanext.nd47.metadata.pages import plain_views
from tests.metadata.datasets.test_datasets import FULL
from tests.support.databases import empty_database
from tests.support.loaded import OURS, client, loaded

NAME = "truong-tieu-hoc"
PLAIN = "harvest ckan_harvester"
WITH_SCHEME = f"{OURS} {PLAIN}"
POINT = '{"type": "Point", "coordinates": [106.7, 10.8]}'
GIVEN: dict[str, Any] = {
    **FULL,
    "title": "Danh sách trường tiểu học",
    "license_id": "vn-open-data-2023",
    "applicable_legislation": ["luat-20-2023", "nd-194-2025"],
    "access_rights": "cong-khai",
    "sharing_class": "du-lieu-mo",
    "language": ["vi", "en"],
    "issued": "2025-08-20",
    "spatial_coverage": [{"uri": "79", "text": "Thành phố Hồ Chí Minh", "geom": POINT}],
    "extras": [{"key": "so_quyet_dinh", "value": "12/QĐ-SGDĐT"}],
}


class Sent:
    """What the province's portal answers: by its own API, and by the plain one."""

    own: dict[str, Any]
    plain: dict[str, Any]
    plain_organisation: dict[str, Any]
    account: dict[str, Any]
    unknown: int
    wrong: int
    missing: int


def results(app: Any, address: str) -> dict[str, Any]:
    answer = app.get(f"{address}/api/3/action/package_search?rows=100&start=0&sort=id+asc")
    return next(
        result for result in json.loads(answer.body)["result"]["results"] if result["name"] == NAME
    )


@pytest.fixture(scope="module")
def sent(services: None) -> Iterator[Sent]:
    """The answers of a portal with the suite, which is gone when they are harvested."""
    with loaded(OURS, ckan__locale_default="vi", ckan__locales_offered="vi en"):
        empty_database()
        above = factories.Organization(title="Ủy ban nhân dân tỉnh", identifier="H99")
        owner = factories.Organization(title="Sở Giáo dục và Đào tạo", identifier="H99.02")
        call_action(
            "package_create",
            name=NAME,
            owner_org=owner["id"],
            **{**GIVEN, "responsible_agency": above["id"]},
        )
        call_action("package_create", name="rieng-tu", owner_org=owner["id"], private=True)
        app: Any = client(OURS)
        answers = Sent()
        answers.own, answers.plain = results(app, ""), results(app, "/plain")
        shown = app.get(f"/plain/api/3/action/organization_show?id={owner['name']}").body
        answers.plain_organisation = json.loads(shown)["result"]
        answers.unknown = app.get("/plain/api/3/action/user_list", status=404).status_code
        wrong = "/plain/api/3/action/package_search?rows=viele"
        answers.wrong = app.get(wrong, status=409).status_code
        private = "/plain/api/3/action/package_show?id=rieng-tu"
        answers.missing = app.get(private, status=403).status_code
        yield answers


def harvest(content: dict[str, Any]) -> dict[str, Any]:
    """Import a record as the stock harvester does; return what the portal shows of it then."""
    # Imported here: its tables would be among those of every test that any process runs.
    from ckanext.harvest import model as harvest_model

    owner = factories.Organization(title="Tỉnh")
    source = call_action(
        "harvest_source_create",
        {"user": factories.Sysadmin()["name"]},
        name=f"nguon-{uuid4().hex[:8]}",
        title="Tỉnh",
        url=f"https://{uuid4().hex}.example/plain",
        source_type="ckan",
        owner_org=owner["id"],
    )
    job = harvest_model.HarvestJob()
    job.source = harvest_model.HarvestSource.get(source["id"])
    job.save()
    taken = harvest_model.HarvestObject(guid=content["id"], job=job, content=json.dumps(content))
    taken.save()
    harvester: Any = p.get_plugin("ckan_harvester")
    harvester.import_stage(taken)
    model.Session.commit()
    errors = model.Session.query(harvest_model.HarvestObjectError).filter_by(
        harvest_object_id=taken.id
    )
    assert [str(error.message) for error in errors] == []
    return call_action("package_show", id=content["id"])


def empty() -> None:
    reset_db()
    search.clear_all()
    model.Session.remove()
    _run_migrations("harvest")


@pytest.fixture(scope="class")
def held(sent: Sent) -> Iterator[dict[str, Any]]:
    """The dataset on a portal without ckanext-scheming."""
    with loaded(PLAIN):
        empty()
        yield harvest(sent.plain)


@pytest.fixture(scope="class")
def extras(held: dict[str, Any]) -> dict[str, str]:
    return {extra["key"]: extra["value"] for extra in held["extras"]}


class TestPlainPortal:
    def test_fields_of_ckan_are_equal(self, sent: Sent, held: dict[str, Any]):
        names = ("id", "title", "notes", "url", "version", "license_id")
        assert {n: held[n] for n in names} == {n: sent.own[n] for n in names}
        assert {t["name"] for t in held["tags"]} == {t["name"] for t in sent.own["tags"]}
        assert held["maintainer"] == "Phòng Kế hoạch"
        assert held["maintainer_email"] == "kh@sgd.example"

    @pytest.mark.parametrize(
        ("key", "value"),
        {
            "open_data_category": "Dữ liệu thống kê",
            "theme": "Giáo dục",
            "frequency": "Hằng năm",
            "access_rights": "Công khai",
            "sharing_class": "Dữ liệu mở",
            "applicable_legislation": "20/2023/QH15",
            "language": "Tiếng Việt; Tiếng Anh",
            "catalogue_entry_decision_number": "2053/QĐ-UBND",
            "catalogue_entry_decision_date": "2026-07-07",
            "contact_name": "Phòng Kế hoạch",
            "contact_email": "kh@sgd.example",
            "contact_telephone": "1022",
            "contact_2_name": "Văn phòng",
            "contact_2_function": "Tiếp nhận phản hồi",
            "attribution": "Nguồn: Sở Giáo dục và Đào tạo",
            "usage_regulation": "https://sgd.example/quy-che",
            "temporal_coverage_start": "2024",
            "temporal_coverage_end": "2025-06-30",
            "spatial_coverage_uri": "Hồ Chí Minh",
            "spatial_coverage_text": "Thành phố Hồ Chí Minh",
            "issued": "2025-08-20",
            "modified": "2025-09-01",
            "source_database_name": "Cơ sở dữ liệu ngành",
            "source_database_overlap": "đồng bộ",
            "provenance": "Do các trường báo cáo.",
            "conforms_to": "TCVN 7980-1:2024",
            "documentation": "https://sgd.example/tai-lieu",
            "version_notes": "Bản đầu",
            "quality_plan_state": "hoàn thiện",
            "quality_plan_deadline": "2027-01-01",
            "yearly_check_result": "Đạt",
            "personal_data_assessment_assessed_by": "Phòng Kế hoạch",
            "national_portal_url": "https://data.gov.vn/x",
            "publisher_name": "Sở Giáo dục và Đào tạo",
            "publisher_identifier": "H99.02",
            "responsible_agency": "Ủy ban nhân dân tỉnh",
            "license_title": "",
            "license_url": "/license/vn-open-data-2023",
            "attribution_statement": "Nguồn: Sở Giáo dục và Đào tạo",
            "uri": "/dataset/",
            "so_quyet_dinh": "12/QĐ-SGDĐT",
            "identifier": "H99.02",
        }.items(),
    )
    def test_other_fields_are_extras_that_people_read(
        self, extras: dict[str, str], key: str, value: str
    ):
        assert value in extras[key]

    def test_every_given_field_is_there(self, held: dict[str, Any], extras: dict[str, str]):
        """A field added to the schema later is in this comparison too."""
        keys = {*extras, *(name for name, value in held.items() if value)}
        lost = [name for name in GIVEN if not any(key.startswith(name) for key in keys)]
        assert lost == []

    def test_extras_hold_neither_codes_nor_json(self, extras: dict[str, str]):
        geometries = {key for key in extras if key == "spatial" or key.endswith("_geom")}
        assert geometries == {"spatial", "spatial_coverage_geom"}
        assert [k for k in extras.keys() - geometries if extras[k].startswith(("[", "{"))] == []
        codes = {"giao-duc", "hang-nam", "cong-khai", "du-lieu-mo", "co-dong-bo", "luat-20-2023"}
        assert [k for k in extras if codes & set(extras[k].split("; "))] == []

    def test_geometry_is_where_ckanext_spatial_reads_it(self, extras: dict[str, str]):
        assert json.loads(extras["spatial"]) == json.loads(POINT)

    def test_what_is_computed_for_today_is_not_sent(self, extras: dict[str, str]):
        assert not {"update_state", "next_due", "contact_points"} & extras.keys()

    def test_findings_of_assessments_are_not_sent(self, extras: dict[str, str]):
        assert "Không có rủi ro" not in json.dumps(extras, ensure_ascii=False)

    def test_files_keep_their_fields(self, held: dict[str, Any]):
        file = held["resources"][0]
        given = FULL["resources"][0]
        names = ("url", "name", "format", "period", "data_dictionary")
        assert {name: file[name] for name in names} == {name: given[name] for name in names}
        assert file["publication_method"].startswith("Cung cấp dữ liệu được đóng gói")
        assert file["language"] == "Tiếng Việt"

    def test_it_can_be_saved_there(self, held: dict[str, Any]):
        saved = call_action("package_update", **held)
        assert saved["extras"] == held["extras"]

    def test_it_is_taken_a_second_time(self, sent: Sent, held: dict[str, Any]):
        later = {**sent.plain, "metadata_modified": "2999-01-01T00:00:00", "title": "Tên mới"}
        assert harvest(later)["title"] == "Tên mới"


@pytest.fixture(scope="class")
def copied(sent: Sent) -> Iterator[dict[str, Any]]:
    """The dataset on a portal with our schema."""
    with loaded(WITH_SCHEME):
        empty_database()
        _run_migrations("harvest")
        yield harvest(sent.own)


class TestPortalWithOurSchema:
    @pytest.mark.parametrize("field", sorted(GIVEN.keys() - {"resources", "tags", "extras"}))
    def test_every_field_is_equal(self, sent: Sent, copied: dict[str, Any], field: str):
        assert copied[field] == sent.own[field]

    def test_files_are_equal(self, sent: Sent, copied: dict[str, Any]):
        sent_file, file = sent.own["resources"][0], copied["resources"][0]
        given = FULL["resources"][0]
        assert {name: file[name] for name in given} == {name: sent_file[name] for name in given}


class TestPlainAddress:
    def test_gives_an_organisation(self, sent: Sent):
        assert sent.plain_organisation["title"] == "Sở Giáo dục và Đào tạo"

    def test_gives_no_other_action(self, sent: Sent):
        assert sent.unknown == 404

    def test_refuses_as_the_api_does(self, sent: Sent):
        assert (sent.wrong, sent.missing) == (409, 403)

    def test_own_answers_stay_as_they_are(self, sent: Sent):
        assert sent.own["contact"] == GIVEN["contact"]
        assert [extra["key"] for extra in sent.own["extras"]] == ["so_quyet_dinh"]


def test_only_reading_actions_are_offered():
    actions: list[Any] = [tk.get_action(name) for name in plain_views.ANSWERS]
    assert all(action.side_effect_free for action in actions)
