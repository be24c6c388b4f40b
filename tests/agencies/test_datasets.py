"""Which datasets a change of the register means."""

from __future__ import annotations

from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.agencies import datasets
from tests.agencies.conftest import agency, dataset, focal_point

pytestmark = pytest.mark.usefixtures("portal")


def shown_by(*agencies: dict[str, Any]) -> set[str]:
    ids = [one["id"] for one in agencies]
    return set(model.Session.scalars(datasets.affected_by(ids)))


class TestDatasets:
    def test_of_the_agency_of_those_below_and_of_those_it_succeeded(self) -> None:
        top = agency("UBND tỉnh Gốc")
        middle = agency("Sở Giữa", groups=[{"name": top["name"]}])
        old = agency("Sở Cũ")
        call_action("nd47_agency_update", id=old["id"], successor=middle["id"])
        other = agency("Sở Ngoài")
        made = {one["id"]: dataset(one)["id"] for one in (top, middle, old, other)}
        assert shown_by(top) == {made[one["id"]] for one in (top, middle, old)}
        assert shown_by(middle) == {made[middle["id"]], made[old["id"]]}
        assert shown_by(old) == {made[old["id"]]}

    @pytest.mark.parametrize("reference", ["id", "name"])
    def test_those_that_it_is_responsible_for(self, reference: str) -> None:
        one, other = agency("Sở Chủ quản"), agency("Trung tâm Con")
        made = dataset(other, responsible_agency=one[reference])
        assert shown_by(one) == {made["id"]}

    def test_those_that_name_its_focal_point(self) -> None:
        one, other = agency("Sở Được nêu"), agency("Sở Nêu")
        officer = focal_point(one["id"])
        made = dataset(other, contact=[{"identifier": officer["id"]}])
        dataset(other, contact=[{"name": "Người khác", "email": "a@b.example"}])
        assert shown_by(one) == {made["id"]}

    def test_not_those_that_were_deleted(self) -> None:
        one = agency("Sở Xóa bỏ")
        call_action("package_delete", id=dataset(one)["id"])
        assert shown_by(one) == set()
