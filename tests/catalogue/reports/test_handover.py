"""The book of the national hand-over: what was sent, what came back, how the other side differs."""

from __future__ import annotations

import io
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.catalogue.editions.handover import refusals
from tests.catalogue.reports.conftest import Create, World

pytestmark = pytest.mark.usefixtures("world")

TURTLE = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://data.example/dataset/{id}> a dcat:Dataset ; dct:title "{title}" ;
  dcat:landingPage <https://data.example/d/1> .
<https://data.example/dataset/khac> a dcat:Dataset ; dct:title "Bộ dữ liệu khác" .
"""


def sent(world: World, **data: Any) -> dict[str, Any]:
    """Record that all public datasets were sent."""
    given = {"way": "annex", "sent": "2026-11-02", "recipient": "Bộ Công an", **data}
    return world.call("compiler", "nd47_handover_create", **given)


def compare(world: World, handover: dict[str, Any], content: str, **data: Any) -> dict[str, Any]:
    upload = FileStorage(io.BytesIO(content.encode()), "danh-sach")
    given = {"id": handover["id"], "upload": upload, **data}
    return world.call("compiler", "nd47_handover_compare", **given)


def datasets(world: World, handover: dict[str, Any], **data: Any) -> list[dict[str, Any]]:
    found = world.call("compiler", "nd47_handover_dataset_list", id=handover["id"], **data)
    return found["results"]


class TestRecords:
    def test_all_public_datasets_are_recorded_as_sent(self, world: World, create: Create):
        dataset = create()
        create(private=True)
        create(state="draft")
        made = sent(world, document_number="12/UBND-KGVX", document_date="02/11/2026")
        assert made["counts"] == {"sent": 1, "accepted": 0, "refused": 0}
        assert made["document_date"] == "2026-11-02"
        assert [one["dataset_id"] for one in datasets(world, made)] == [dataset["id"]]

    def test_an_answer_is_recorded_once(self, world: World):
        made = sent(world)
        given = {"id": made["id"], "version": 1, "answered": "2026-11-20", "answer": "Đã nhận"}
        assert world.call("compiler", "nd47_handover_answer", **given)["answer"] == "Đã nhận"
        with pytest.raises(tk.ValidationError):
            world.call("compiler", "nd47_handover_answer", **given)

    def test_a_refusal_needs_a_reason(self, world: World, create: Create):
        dataset = create()
        made = sent(world)
        given = {"id": made["id"], "dataset": dataset["id"], "state": "refused"}
        with pytest.raises(tk.ValidationError):
            world.call("compiler", "nd47_handover_result", **given)
        world.call("compiler", "nd47_handover_result", reason="Thiếu mã định danh", **given)
        assert refusals.open_refusals() == 1
        found = datasets(world, made, state="refused")
        assert found[0]["reason"] == "Thiếu mã định danh"

    def test_what_was_sent_again_is_no_refusal_any_more(self, world: World, create: Create):
        dataset = create()
        made = sent(world)
        world.call(
            "compiler",
            "nd47_handover_result",
            id=made["id"],
            dataset=dataset["id"],
            state="refused",
            reason="Thiếu",
        )
        sent(world, sent="2026-11-25")
        assert refusals.open_refusals() == 0

    def test_the_book_outlives_a_purged_dataset(self, world: World, create: Create):
        dataset = create()
        made = sent(world)
        call_action("dataset_purge", id=dataset["id"])
        assert datasets(world, made)[0]["title"] == dataset["title"]
        assert not datasets(world, made)[0]["public"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("way", "email"),
            ("sent", "hôm qua"),
            ("sent", ""),
            ("recipient", " "),
            ("way", ["a"]),
            ("note", "x" * 1001),
        ],
    )
    def test_wrong_input_is_refused_by_field(self, world: World, name, value):
        with pytest.raises(tk.ValidationError) as error:
            sent(world, **{name: value})
        assert name in error.value.error_dict

    def test_what_there_is_not(self, world: World):
        with pytest.raises(tk.ObjectNotFound):
            world.call("compiler", "nd47_handover_show", id="khong-co")

    @pytest.mark.parametrize("account", ["leader", "admin", "editor", "stranger"])
    def test_others_are_refused(self, world: World, account):
        with pytest.raises(tk.NotAuthorized):
            world.call(account, "nd47_handover_list")
        with pytest.raises(tk.NotAuthorized):
            world.call(account, "nd47_handover_create", way="api")


class TestComparison:
    def test_a_list_tells_what_was_accepted_and_refused(self, world: World, create: Create):
        first, second, third = (create(title=title) for title in ("Một", "Hai", "Ba"))
        made = sent(world)
        content = (
            "STT,Mã bộ dữ liệu,Tên bộ dữ liệu,Địa chỉ,Kết quả,Lý do từ chối\n"
            f"1,{first['id']},Một,https://data.example/d/1,Đã tiếp nhận,\n"
            "2,,hai,,Từ chối,Thiếu mô tả\n"
            "3,,Bốn,,Đã tiếp nhận,\n"
        )
        found = compare(world, made, content)
        assert (found["sent"], found["there"], found["matched"]) == (3, 3, 2)
        assert [one["title"] for one in found["missing"]] == ["Ba"]
        assert [one["title_there"] for one in found["extra"]] == ["Bốn"]
        assert found["renamed"] == []
        assert {one["state"] for one in datasets(world, made)} == {"sent"}
        assert compare(world, made, content, record=True)["recorded"]
        states = {one["dataset_id"]: one for one in datasets(world, made)}
        assert states[first["id"]]["address"] == "https://data.example/d/1"
        assert states[second["id"]]["reason"] == "Thiếu mô tả"
        assert states[third["id"]]["state"] == "sent"

    def test_a_feed_in_dcat(self, world: World, create: Create):
        dataset = create()
        create(title="Không có ở đó")
        made = sent(world, way="dcat")
        content = TURTLE.format(id=dataset["id"], title="Tên khác")
        found = compare(world, made, content, record=True)
        assert (found["matched"], len(found["extra"]), len(found["missing"])) == (1, 1, 1)
        assert found["renamed"][0]["title_there"] == "Tên khác"
        accepted = datasets(world, made, state="accepted")
        assert accepted[0]["address"] == "https://data.example/d/1"

    def test_it_can_be_repeated(self, world: World, create: Create):
        dataset = create()
        made = sent(world)
        content = TURTLE.format(id=dataset["id"], title=dataset["title"])
        assert len(compare(world, made, content, record=True)["changed"]) == 1
        assert compare(world, made, content, record=True)["changed"] == []

    def test_two_of_one_title_are_not_guessed(self, world: World, create: Create):
        create(title="Một")
        create(title="Một")
        found = compare(world, sent(world), "Tên bộ dữ liệu,Kết quả\nMột,Đã tiếp nhận\n")
        assert (found["matched"], len(found["extra"])) == (0, 1)

    @pytest.mark.parametrize("content", ["", "@prefix : <", '{"a": ', "a,b\n1,2\n", "\x00\x01"])
    def test_what_is_neither_list_nor_feed_is_refused(self, world: World, content):
        with pytest.raises(tk.ValidationError) as error:
            compare(world, sent(world), content)
        assert "upload" in error.value.error_dict

    def test_nothing_is_read_without_a_file(self, world: World):
        made = sent(world)
        with pytest.raises(tk.ValidationError):
            world.call("compiler", "nd47_handover_compare", id=made["id"])


class TestPages:
    def test_record_answer_and_compare_on_the_pages(
        self, app: CKANTestApp, world: World, create: Create
    ):
        dataset = create()
        headers = world.headers("compiler")
        form = {"way": "annex", "sent": "2026-11-02", "recipient": "Bộ Công an"}
        page = app.post("/work/handover", data=form, headers=headers)
        assert dataset["title"] in page.text
        made = world.call("compiler", "nd47_handover_list")["results"][0]
        address = f"/work/handover/{made['id']}"
        app.post(
            f"{address}/answer",
            data={"version": "1", "answered": "2026-11-20", "answer": "Đã nhận"},
            headers=headers,
        )
        app.post(
            f"{address}/result",
            data={"dataset": dataset["id"], "state": "refused", "reason": "Thiếu mô tả"},
            headers=headers,
        )
        content = TURTLE.format(id=dataset["id"], title=dataset["title"]).encode()
        page = app.post(
            f"{address}/compare",
            data={"upload": (io.BytesIO(content), "feed.ttl"), "record": "true"},
            headers=headers,
        )
        assert "Bộ dữ liệu khác" in page.text
        assert datasets(world, made)[0]["state"] == "accepted"

    def test_wrong_input_is_answered_by_a_sentence(self, app: CKANTestApp, world: World):
        headers = world.headers("compiler")
        page = app.post("/work/handover", data={"way": "x"}, headers=headers)
        assert "error-explanation" in page.text
        made = sent(world)
        page = app.post(f"/work/handover/{made['id']}/compare", data={}, headers=headers)
        assert "error-explanation" in page.text

    def test_others_are_refused(self, app: CKANTestApp, world: World):
        app.get("/work/handover", headers=world.headers("leader"), status=403)
