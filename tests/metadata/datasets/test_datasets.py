"""What the actions of CKAN make of a dataset with the schema of the suite."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.model import Agency
from ckanext.nd47.metadata.logic.record_validators import nd47_default
from tests.metadata.conftest import PROPOSED, new_name

pytestmark = pytest.mark.usefixtures("portal", "without_rules")

FULL: dict[str, Any] = {
    "notes": "Mô tả **đầy đủ**",
    "tags": [{"name": "trường học"}, {"name": "giáo dục"}],
    "open_data_category": "thong-ke-dung-chung",
    "theme": ["giao-duc", "xa-hoi"],
    "frequency": "hang-nam",
    "catalogue_entry": [
        {"decision_number": "2053/QĐ-UBND", "decision_date": "2026-07-07", "code": "12"}
    ],
    "contact": [
        {"name": "Phòng Kế hoạch", "email": "kh@sgd.example", "telephone": "1022"},
        {"name": "Văn phòng", "function": "Tiếp nhận phản hồi"},
    ],
    "attribution": "Nguồn: Sở Giáo dục và Đào tạo",
    "usage_regulation": "https://sgd.example/quy-che",
    "url": "https://sgd.example/truong",
    "temporal_coverage": [{"start": "2024", "end": "2025-06-30"}],
    "spatial_coverage": [{"uri": "79", "text": "Thành phố Hồ Chí Minh"}],
    "modified": "2025-09-01",
    "source_database": [{"name": "Cơ sở dữ liệu ngành", "overlap": "co-dong-bo"}],
    "provenance": "Do các trường báo cáo.",
    "conforms_to": ["TCVN 7980-1:2024"],
    "documentation": ["https://sgd.example/tai-lieu"],
    "version": "1.0",
    "version_notes": "Bản đầu",
    "quality_plan": [{"state": "can-hoan-thien", "deadline": "2027-01-01"}],
    "yearly_check": [{"date": "2025-12-01", "result": "Đạt", "document": "15/BC-SGDĐT"}],
    "personal_data_assessment": [{"assessed_by": "Phòng Kế hoạch", "date": "2025-08-01"}],
    "security_assessment": [{"assessed_by": "Phòng Kế hoạch", "content": "Không có rủi ro"}],
    "national_portal": [{"url": "https://data.gov.vn/x", "sent_date": "2025-09-02"}],
    "resources": [
        {
            "url": "https://sgd.example/truong.csv",
            "name": "Năm 2024",
            "format": "CSV",
            "publication_method": "goi-tai-ve",
            "period": "2024",
            "data_dictionary": "https://sgd.example/cot",
            "language": ["vi"],
        }
    ],
}


def store(dataset: dict[str, Any], extras: dict[str, str], **columns: str) -> dict[str, Any]:
    """Put values into the database past the schema, as another schema would have."""
    package = model.Package.get(dataset["id"])
    assert package
    package.extras.update(extras)
    for column, value in columns.items():
        setattr(package, column, value)
    model.Session.commit()
    search.rebuild(dataset["id"])
    return call_action("package_show", id=dataset["id"])


class TestRoundTrip:
    def test_everything_given_is_shown(self, create):
        made = create(**FULL)
        for field, value in FULL.items():
            if field not in {"resources", "tags"}:
                assert made[field] == value, field
        assert made["resources"][0].items() >= FULL["resources"][0].items()

    def test_saving_what_was_shown_changes_nothing(self, create):
        made = create(**FULL)
        assert call_action("package_update", **made) == made
        assert call_action("package_show", id=made["id"]) == made

    def test_patching_one_field_leaves_the_others(self, create):
        made = create(**FULL)
        changed = call_action("package_patch", id=made["id"], frequency="hang-quy")
        assert changed == {
            **made,
            "frequency": "hang-quy",
            "metadata_modified": changed["metadata_modified"],
            # What follows from the frequency.
            "next_due": changed["next_due"],
            "update_state": changed["update_state"],
        }
        assert changed["next_due"] < made["next_due"]

    def test_field_can_be_emptied(self, create):
        made = create(**FULL)
        changed = call_action("package_patch", id=made["id"], theme=[], contact=[], provenance="")
        assert not {"theme", "contact", "provenance"} & set(changed)

    @pytest.mark.parametrize("field", ["name", "description", "format", "url", "hash", "period"])
    def test_field_of_a_resource_can_be_emptied(self, create, field):
        given = {**FULL["resources"][0], "description": "Mô tả", "hash": "a" * 64}
        made = create(state="draft", resources=[given])
        changed = call_action("resource_patch", id=made["resources"][0]["id"], **{field: ""})
        assert not changed.get(field)

    def test_editing_a_resource_keeps_the_dataset(self, create):
        made = create(**FULL)
        call_action("resource_patch", id=made["resources"][0]["id"], period="Q1/2025")
        shown = call_action("package_show", id=made["id"])
        assert shown["resources"][0]["period"] == "20251"
        assert shown["contact"] == made["contact"]


class TestDraft:
    def test_saves_with_title_and_agency_alone(self, create):
        made = create(state="draft", title="Chưa xong")
        assert (made["state"], made["title"]) == ("draft", "Chưa xong")

    @pytest.mark.ckan_config("ckan.auth.create_unowned_dataset", True)
    def test_saves_without_agency_where_the_portal_allows_it(self, create):
        assert create(state="draft", owner_org="")["state"] == "draft"

    def test_has_no_day_of_publication(self, create):
        assert "issued" not in create(state="draft")

    def test_gets_the_day_on_which_it_is_published(self, create):
        draft = create(state="draft")
        published = call_action("package_patch", id=draft["id"], state="active")
        vietnam = dt.timezone(dt.timedelta(hours=7))
        assert published["issued"] == dt.datetime.now(vietnam).date().isoformat()

    def test_what_is_sent_as_published_has_no_day_that_nobody_gave(self, create):
        made = create()
        assert "issued" not in made
        assert "issued" not in call_action("package_patch", id=made["id"], version="2")

    def test_keeps_the_day_of_publication_that_was_given(self, create):
        draft = create(state="draft", issued="2020-06-01")
        assert (
            call_action("package_patch", id=draft["id"], state="active")["issued"] == "2020-06-01"
        )


CASE = Path(__file__).resolve().parents[4] / "shared" / "cases" / "dataset-without-licence.json"
"""A record of data shared between agencies; part of the material beside the checkout."""


class TestFilledIn:
    @pytest.mark.parametrize("absent", [{}, {"license_id": ""}, {"license_id": None}])
    @pytest.mark.parametrize("state", ["active", "draft"])
    def test_nothing_is_filled_in_that_the_sender_did_not_say(self, create, absent, state):
        made = create(**absent, state=state, resources=[{"url": "https://a.example/x"}])
        assert not {*PROPOSED} & {key for key, value in made.items() if value}
        assert made["isopen"] is False
        assert "publication_method" not in made["resources"][0]

    def test_shared_data_without_licence_stay_without(self, create):
        given = {"sharing_class": "du-lieu-dung-chung", "license_id": "", "language": ["vi"]}
        made = create(**given, access_rights="cong-khai-co-dieu-kien")
        assert not made.get("license_id")
        assert made["isopen"] is False

    @pytest.mark.skipif(not CASE.is_file(), reason="the shared folder is not there")
    def test_record_of_another_office_stays_as_it_was_sent(self, create, department):
        given = json.loads(CASE.read_text(encoding="utf-8")) | {"owner_org": department["id"]}
        made = call_action("package_create", **given)
        assert not made.get("license_id")
        assert made["isopen"] is False
        for field, value in given.items():
            if field not in {"tags", "resources", "license_id"}:
                assert made[field] == value, field
        added = {key for key, value in made.items() if value} - set(given)
        assert added <= set(create())

    def test_old_validator_of_composed_schemas_fills_in_nothing(self):
        data = {("license_id",): ""}
        nd47_default("license_id")(("license_id",), data, {}, {})
        assert data == {("license_id",): ""}

    def test_what_is_given_stays(self, create):
        made = create(license_id="cc-by", language=["en"], sharing_class="du-lieu-dung-chung")
        assert (made["license_id"], made["language"]) == ("cc-by", ["en"])
        assert made["sharing_class"] == "du-lieu-dung-chung"

    def test_old_dataset_is_not_filled_in_when_it_is_edited(self, create):
        """Else an edit would put data under a law that it was not published under."""
        made = create(**PROPOSED)
        emptied = {**made, "license_id": "", "applicable_legislation": [], "language": []}
        saved = call_action("package_update", **emptied)
        assert not saved.get("license_id")
        assert not {"applicable_legislation", "language"} & set(saved)

    def test_media_type_follows_the_format(self, create):
        made = create(resources=[{"url": "https://a.example/x", "format": "geojson"}])
        assert made["resources"][0]["format"] == "GeoJSON"
        assert made["resources"][0]["mimetype"] == "application/geo+json"

    def test_media_type_that_was_given_stays(self, create):
        resource = {"url": "https://a.example/x", "format": "CSV", "mimetype": "text/plain"}
        assert create(resources=[resource])["resources"][0]["mimetype"] == "text/plain"


class TestIdentifier:
    def test_is_agency_code_and_serial(self, create):
        first, second = create()["identifier"], create()["identifier"]
        assert first.startswith("H99.02-")
        assert int(second.rpartition("-")[2]) == int(first.rpartition("-")[2]) + 1
        assert len(first.rpartition("-")[2]) == 6

    def test_takes_the_code_of_the_parent_agency(self, create, province):
        unit = factories.Organization(groups=[{"name": province["name"], "capacity": "public"}])
        assert create(owner_org=unit["id"])["identifier"].startswith("H99-")

    @pytest.mark.ckan_config("ckanext.nd47.agency_code", "H98")
    def test_takes_the_code_of_the_portal_at_last(self, create):
        assert create(owner_org=factories.Organization()["id"])["identifier"].startswith("H98-")

    def test_is_left_out_without_any_code(self, create):
        assert "identifier" not in create(owner_org=factories.Organization()["id"])

    def test_is_given_later_when_the_agency_gets_its_code(self, create):
        unit = factories.Organization()
        made = create(owner_org=unit["id"])
        call_action("organization_patch", id=unit["id"], identifier="H97.01")
        saved = call_action("package_patch", id=made["id"], notes="Mô tả")
        assert saved["identifier"] == "H97.01-000001"

    def test_stays_when_an_update_leaves_it_out(self, create):
        made = create()
        given = {key: value for key, value in made.items() if key != "identifier"}
        assert call_action("package_update", **given)["identifier"] == made["identifier"]

    def test_stays_when_the_dataset_goes_to_another_agency(self, create, province):
        made = create()
        moved = call_action("package_patch", id=made["id"], owner_org=province["id"])
        assert moved["identifier"] == made["identifier"]

    def test_cannot_be_changed(self, create):
        with pytest.raises(tk.ValidationError) as refused:
            call_action("package_patch", id=create()["id"], identifier="H99.02-999999")
        assert set(refused.value.error_dict) == {"identifier"}

    def test_of_another_dataset_is_refused(self, create):
        with pytest.raises(tk.ValidationError) as refused:
            create(identifier=create()["identifier"])
        assert set(refused.value.error_dict) == {"identifier"}

    def test_of_a_deleted_dataset_is_not_given_again(self, create):
        made = create()
        call_action("package_delete", id=made["id"])
        assert create()["identifier"] != made["identifier"]

    def test_of_another_form_is_kept(self, create):
        """Datasets that were there before have identifiers of their own."""
        made = create(identifier=f"doi:10.1/{new_name()}")
        assert made["identifier"].startswith("doi:10.1/")

    def test_number_is_locked_until_the_transaction_ends(self, department):
        from ckanext.nd47.metadata.logic import identifier

        given = identifier.assign(department["id"])
        lock = sa.select(sa.func.pg_try_advisory_xact_lock(sa.func.hashtext("nd47:H99.02")))
        engine = model.meta.engine
        assert engine
        with engine.connect() as other:
            assert other.execute(lock).scalar_one() is False
        model.Session.rollback()
        with engine.connect() as other:
            assert other.execute(lock).scalar_one() is True
        assert given.startswith("H99.02-")


BAD = [
    ("title", "a" * 501),
    ("title", ["a"]),
    ("notes", "a" * 20001),
    ("notes", "a\x00b"),
    ("notes", "a\ud800b"),
    ("notes", {"vi": "a"}),
    ("open_data_category", "van ban"),
    ("open_data_category", ["van-ban"]),
    ("theme", ["giao-duc", "khong-co"]),
    ("theme", "khong-co"),
    ("theme", [["giao-duc"]]),
    ("theme", [{"code": "giao-duc"}]),
    ("frequency", "http://publications.europa.eu/resource/authority/frequency/BIENNIAL"),
    ("sharing_class", "mo"),
    ("access_rights", "OPEN"),
    ("applicable_legislation", ["nd-47"]),
    ("license_id", "khong-co"),
    ("license_id", ["cc-by"]),
    ("responsible_agency", "khong-co"),
    ("responsible_agency", {"id": "x"}),
    ("usage_regulation", "javascript:alert(1)"),
    ("usage_regulation", "www.a.vn"),
    ("url", "ftp://a.vn"),
    ("issued", "31/02/2024"),
    ("modified", "hôm qua"),
    ("modified", ["2024"]),
    ("language", ["tiếng Chăm"]),
    ("documentation", ["không phải địa chỉ"]),
    ("conforms_to", ["a" * 501]),
    ("conforms_to", ["a\x0bb"]),
    ("version", "a" * 101),
    ("contact", "Nguyễn Văn A"),
    ("contact", ["Nguyễn Văn A"]),
    ("contact", 1),
    ("contact", [{"email": "không phải thư"}]),
    ("contact", [{"telephone": "gọi sau"}]),
    ("contact", [{"name": {"vi": "a"}}]),
    ("contact", [{"name": "a\x00"}]),
    ("catalogue_entry", [{"decision_date": "tháng bảy"}]),
    ("temporal_coverage", [{"start": "2025-01-01", "end": "2024-12-31"}]),
    ("temporal_coverage", [{"start": "2025", "end": "2024"}]),
    ("spatial_coverage", [{"uri": "Hà Nội"}]),
    ("source_database", [{"overlap": "yes"}]),
    ("source_database", [{"purpose": "a" * 100_000}]),
    ("quality_plan", [{"state": "good"}]),
    ("national_portal", [{"url": "data.gov.vn"}]),
    ("provenance", "a" * 100_000),
    ("attribution", "a\x1bb"),
]


class TestBadInput:
    @pytest.mark.parametrize(("field", "value"), BAD)
    def test_is_refused_at_its_field(self, create, field, value):
        with pytest.raises(tk.ValidationError) as refused:
            create(**{field: value})
        assert set(refused.value.error_dict) == {field}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("url", "javascript:alert(1)"),
            ("url", "ftp://a.example/x"),
            ("period", "20245"),
            ("publication_method", "thư"),
            ("language", ["khong-co"]),
            ("size", "nhiều"),
            ("name", "a\x00"),
            ("data_dictionary", "a" * 100_000),
        ],
    )
    def test_of_a_resource_is_refused_at_its_field(self, create, field, value):
        resource = {"url": "https://a.example/x.csv", field: value}
        with pytest.raises(tk.ValidationError) as refused:
            create(resources=[resource])
        errors: Any = refused.value.error_dict["resources"]
        assert [set(error) for error in errors] == [{field}]

    @pytest.mark.parametrize(
        ("field", "value", "stored"),
        [
            ("title", " Thu\u0309y\n lợi ", "Thủy lợi"),
            ("title", 2024, "2024"),
            ("modified", "05/04/2025", "2025-04-05"),
            ("theme", "giao-duc", ["giao-duc"]),
            ("theme", ["giao-duc", "giao-duc", ""], ["giao-duc"]),
            ("theme", '["y-te"]', ["y-te"]),
            ("contact", {"name": "A"}, [{"name": "A"}]),
            ("contact", '[{"name": "A"}]', [{"name": "A"}]),
            ("contact", [{"name": "A"}, {"name": "A"}], [{"name": "A"}, {"name": "A"}]),
            ("notes", "<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("version", 2, "2"),
        ],
    )
    def test_other_spellings_of_good_input_are_taken(self, create, field, value, stored):
        assert create(**{field: value})[field] == stored

    @pytest.mark.parametrize(
        ("field", "value"),
        [("provenance", " \n "), ("conforms_to", ["  "]), ("contact", [{"name": " "}])],
    )
    def test_blanks_alone_are_nothing(self, create, field, value):
        assert field not in create(**{field: value})

    def test_all_errors_come_at_once(self, create):
        with pytest.raises(tk.ValidationError) as refused:
            create(frequency="x", modified="y", contact=[{"email": "z"}])
        assert set(refused.value.error_dict) == {"frequency", "modified", "contact"}


class TestDatasetFromBefore:
    """Made under another schema: it shows, and can be edited and saved as it is."""

    OLD = {
        "frequency": "http://publications.europa.eu/resource/authority/frequency/ANNUAL",
        "theme": '["http://publications.europa.eu/resource/authority/data-theme/EDUC"]',
        "access_rights": "Ai cũng xem được",
        "issued": "năm 2019",
        "contact": '[{"name": "A", "email": "không rõ"}]',
        "provenance": "a\u0309" * 9000,
    }

    @pytest.fixture
    def old(self, create):
        return store(create(), {**self.OLD, "identifier": new_name()})

    def test_shows_its_values(self, old):
        assert old["frequency"] == self.OLD["frequency"]
        assert old["theme"] == ["http://publications.europa.eu/resource/authority/data-theme/EDUC"]

    def test_can_be_saved_as_it_is(self, old):
        saved = call_action("package_update", **{**old, "title": "Tên mới"})
        assert saved["title"] == "Tên mới"
        for field in self.OLD:
            assert saved[field] == old[field], field

    def test_value_that_is_touched_must_be_good(self, old):
        with pytest.raises(tk.ValidationError) as refused:
            call_action("package_patch", id=old["id"], frequency="http://a.example/WEEKLY")
        assert set(refused.value.error_dict) == {"frequency"}

    def test_old_value_may_stay_beside_a_new_one(self, old):
        theme = [*old["theme"], "giao-duc"]
        assert call_action("package_patch", id=old["id"], theme=theme)["theme"] == theme

    def test_old_subfield_may_stay_when_its_group_moves(self, old):
        contact = [{"name": "Mới"}, *old["contact"]]
        assert call_action("package_patch", id=old["id"], contact=contact)["contact"] == contact

    def test_licence_that_the_portal_dropped_may_stay(self, create):
        old = store(create(), {}, license_id="giay-phep-cu")
        saved = call_action("package_patch", id=old["id"], title="Tên mới")
        assert saved["license_id"] == "giay-phep-cu"

    def test_value_of_a_resource_may_stay(self, create):
        made = create(resources=[{"url": "https://a.example/x.csv"}])
        resource = model.Resource.get(made["resources"][0]["id"])
        assert resource
        resource.extras = {**resource.extras, "period": "quý này"}
        model.Session.commit()
        search.rebuild(made["id"])
        saved = call_action("resource_patch", id=resource.id, description="Mô tả mới")
        assert (saved["period"], saved["description"]) == ("quý này", "Mô tả mới")


class TestOrganisation:
    @pytest.fixture
    def agency(self):
        code = f"H99.{uuid4().hex[:6].upper()}"
        return factories.Organization(identifier=code, email="a@b.example")

    def test_keeps_its_fields(self, department):
        shown = call_action("organization_show", id=department["id"])
        assert (shown["identifier"], shown["agency_level"]) == ("H99.02", "department")
        assert shown["email"] == "dulieu@sgd.haison.example"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("identifier", "99"),
            ("agency_level", "sở"),
            ("email", "không phải thư"),
            ("url", "sgd.example"),
            ("title", "a\x00"),
            ("address", "a" * 501),
        ],
    )
    def test_bad_value_is_refused_at_its_field(self, agency, field, value):
        with pytest.raises(tk.ValidationError) as refused:
            call_action("organization_patch", id=agency["id"], **{field: value})
        assert set(refused.value.error_dict) == {field}

    def test_bad_value_from_before_may_stay(self, agency):
        entry = model.Session.get(Agency, agency["id"])
        assert entry
        entry.code = "000.00.00.H49"
        model.Session.commit()
        directory.clear()
        call_action("organization_patch", id=agency["id"], title="Tên mới")
        shown = call_action("organization_show", id=agency["id"])
        assert (shown["title"], shown["identifier"]) == ("Tên mới", "000.00.00.H49")
