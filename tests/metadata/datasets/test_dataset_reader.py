"""What the fields of a dataset mean once defaults and agencies are considered."""

from __future__ import annotations

from typing import Any

import pytest

from ckan.tests import factories

from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader


class TestText:
    def test_is_found_among_the_extras_of_a_plain_dataset(self):
        assert (
            dataset_reader.text({"extras": [{"key": "version_of", "value": "a"}]}, "version_of")
            == "a"
        )

    @pytest.mark.parametrize("value", [None, 1, {"vi": "a"}, ["a", "b"]])
    def test_is_empty_for_what_is_no_text(self, value):
        assert dataset_reader.text({"notes": value}, "notes") == ""

    def test_of_a_field_with_a_list_is_a_code(self):
        """Datasets made under ckanext-dcat's schemas hold addresses of EU tables."""
        annual = "http://publications.europa.eu/resource/authority/frequency/ANNUAL"
        assert dataset_reader.text({"frequency": annual}, "frequency") == "hang-nam"

    def test_of_no_list_stays(self):
        assert dataset_reader.text({"frequency": "mỗi vụ"}, "frequency") == "mỗi vụ"


class TestCodes:
    @pytest.mark.parametrize(
        ("value", "found"),
        [
            (["giao-duc", "y-te"], ["giao-duc", "y-te"]),
            ("giao-duc", ["giao-duc"]),
            ('["giao-duc"]', ["giao-duc"]),
            ("", []),
            (None, []),
            ([1, None, "y-te"], ["y-te"]),
        ],
    )
    def test_are_a_list_however_they_are_stored(self, value, found):
        assert dataset_reader.codes({"theme": value}, "theme") == found


class TestGroups:
    @pytest.mark.parametrize(
        "value", [[{"name": "A"}], {"name": "A"}, '[{"name": "A"}]', [{"name": "A"}, {"name": ""}]]
    )
    def test_are_a_list_however_they_are_stored(self, value):
        assert dataset_reader.groups({"contact": value}, "contact") == [{"name": "A"}]

    @pytest.mark.parametrize("value", [None, "", "A", "[", ["A"], 1])
    def test_are_none_for_what_is_no_group(self, value):
        assert dataset_reader.groups({"contact": value}, "contact") == []


class TestOpenness:
    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"isopen": True}, "open"),
            ({"isopen": False}, "published"),
            ({}, "published"),
            ({"isopen": True, "sharing_class": "du-lieu-mo"}, "open"),
            ({"isopen": True, "access_rights": "cong-khai"}, "open"),
            ({"isopen": True, "access_rights": "cong-khai-co-dieu-kien"}, "published"),
            ({"isopen": True, "sharing_class": "du-lieu-dung-chung"}, "shared"),
            ({"isopen": True, "sharing_class": "du-lieu-chu-chuyen-nganh"}, "shared"),
            ({"isopen": True, "sharing_class": "du-lieu-mo-co-dieu-kien"}, "conditional"),
            (
                {
                    "isopen": True,
                    "sharing_class": "du-lieu-mo-co-dieu-kien",
                    "access_rights": "khong-duoc-cong-khai",
                },
                "closed",
            ),
            ({"isopen": True, "sharing_class": "du-lieu-dung-rieng"}, "closed"),
            ({"isopen": True, "access_rights": "khong-duoc-cong-khai"}, "closed"),
            ({"isopen": True, "sharing_class": "loại khác"}, "published"),
        ],
    )
    def test_follows_sharing_class_disclosure_and_licence(self, fields, said):
        assert dataset_reader.openness(fields) == said


class TestUpdates:
    def test_day_is_that_in_vietnam(self):
        """CKAN notes moments in UTC; 20:00 is 03:00 of the next day in Vietnam."""
        assert (
            dataset_reader.updated({"metadata_modified": "2026-11-22T20:00:00.1"}) == "2026-11-23"
        )

    def test_day_that_was_given_comes_first(self):
        dataset = {"modified": "2025-09", "metadata_modified": "2026-11-22T20:00:00"}
        assert dataset_reader.updated(dataset) == "2025-09"

    @pytest.mark.parametrize("value", ["", "năm ngoái"])
    def test_no_date_falls_back_to_the_last_change(self, value):
        dataset = {"modified": value, "metadata_modified": "2026-11-22T01:00:00"}
        assert dataset_reader.updated(dataset) == "2026-11-22"


@pytest.mark.usefixtures("portal")
class TestAgencies:
    def dataset(self, owner: dict[str, Any], **fields: Any) -> dict[str, Any]:
        return {"owner_org": owner["id"], **fields}

    def test_responsible_is_the_agency_at_the_top(self, department, province):
        found = dataset_reader.responsible(self.dataset(department))
        assert found
        assert found.id == province["id"]

    @pytest.mark.parametrize("key", ["id", "name"])
    def test_responsible_is_the_one_that_is_given(self, department, key):
        other = factories.Organization()
        found = dataset_reader.responsible(self.dataset(department, responsible_agency=other[key]))
        assert found
        assert found.id == other["id"]

    def test_responsible_that_is_gone_falls_back(self, department, province):
        found = dataset_reader.responsible(self.dataset(department, responsible_agency="không còn"))
        assert found
        assert found.id == province["id"]

    def test_nobody_is_responsible_without_an_owner(self):
        assert dataset_reader.responsible({}) is None
        assert dataset_reader.provider({"owner_org": "không có"}) is None

    def test_contact_is_the_one_that_is_given(self, department):
        given = [{"name": "Phòng Kế hoạch"}]
        assert dataset_reader.contacts(self.dataset(department, contact=given)) == given

    def test_contact_is_the_mailbox_of_the_provider(self, department):
        (contact,) = dataset_reader.contacts(self.dataset(department))
        assert contact == {
            "name": "Sở Giáo dục và Đào tạo",
            "email": "dulieu@sgd.haison.example",
            "telephone": "0203 3835 123",
        }

    def test_contact_is_the_mailbox_of_the_agency_above(self, department):
        unit = factories.Organization(groups=[{"name": department["name"], "capacity": "public"}])
        # The department is the top of what the unit sees only when it has no parent of its own.
        contacts = dataset_reader.contacts(self.dataset(unit, responsible_agency=department["id"]))
        assert contacts[0].get("email") == "dulieu@sgd.haison.example"

    def test_contact_is_the_maintainer_of_a_plain_dataset(self):
        dataset = {"maintainer": "Lan", "author": "Nam", "maintainer_email": "lan@a.example"}
        assert dataset_reader.contacts(dataset) == [{"name": "Lan", "email": "lan@a.example"}]

    def test_there_may_be_no_contact(self):
        assert dataset_reader.contacts({}) == []


def test_every_field_with_a_list_in_the_schema_is_read_by_labels_too():
    schema = read_yaml(data_path("schemas", "dataset.yaml"))
    coded = {
        field["field_name"]: field["vocabulary"]
        for field in schema["dataset_fields"]
        if "vocabulary" in field
    }
    read = {}
    for name, vocabulary_id in coded.items():
        term = next(iter(vocabulary.get(vocabulary_id)))
        read[name] = (dataset_reader.codes({name: [term.text("vi")]}, name), [term.code])
    assert {name for name, (found, expected) in read.items() if found != expected} == set()
    assert len(read) > 1
