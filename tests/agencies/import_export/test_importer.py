"""Import, export and moving in, through the actions and commands."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.exc import DBAPIError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.agencies import cli
from ckanext.nd47.agencies.import_export import export, importer
from ckanext.nd47.lib import inputs
from tests.agencies.conftest import People, agency, dataset, focal_point, stored

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture
def bring(people: People) -> Any:
    def run(kind: str, data: Any, **more: Any) -> dict[str, Any]:
        given = {"rows": data} if isinstance(data, list) else {"upload": io.BytesIO(data)}
        context = {"user": people.sysadmin["name"]}
        return call_action("nd47_register_import", context, kind=kind, **given, **more)

    return run


def outcomes(result: dict[str, Any]) -> list[str]:
    return [row["outcome"] for row in result["rows"]]


AGENCIES = """Mã định danh điện tử;Tên cơ quan;Cơ quan cấp trên;Cấp cơ quan
H88.01;Sở Ngoại vụ;H88;department
H88;Ủy ban nhân dân tỉnh Đông Hải;;province
""".encode()


class TestAgencies:
    def test_a_dry_run_tells_every_row_and_changes_nothing(self, bring: Any) -> None:
        before = call_action("nd47_agency_list")["count"]
        result = bring("agencies", AGENCIES)
        assert outcomes(result) == ["create", "create"]
        assert not result["applied"]
        assert call_action("nd47_agency_list")["count"] == before
        assert model.Group.get("so-ngoai-vu") is None

    def test_applied_twice_the_second_time_changes_nothing(self, bring: Any) -> None:
        rows = [
            {"code": "H89", "title": "UBND tỉnh Tây Hải", "level": "province"},
            {"code": "H89.01", "title": "Sở Dân tộc", "parent": "H89", "level": "department"},
        ]
        first = bring("agencies", rows, dry_run=False)
        assert first["applied"]
        assert outcomes(first) == ["create", "create"]
        entry = call_action("nd47_agency_show", id="H89.01")
        assert call_action("nd47_agency_show", id=entry["parent"])["code"] == "H89"
        assert outcomes(bring("agencies", rows, dry_run=False)) == ["unchanged", "unchanged"]

    def test_what_was_exported_changes_nothing_when_it_comes_back(self, bring: Any) -> None:
        agency("Sở Đi Về", identifier="H90.01", telephone="+84 203 1")
        for extension in ("csv", "xlsx"):
            rows = export.rows("agencies", {})
            data = export.write("agencies", rows, extension)
            result = bring("agencies", data, dry_run=False)
            assert set(outcomes(result)) == {"unchanged"}

    def test_more_rows_than_of_a_file_are_refused(self, bring: Any) -> None:
        with pytest.raises(tk.ValidationError) as error:
            bring("agencies", [{}] * 20_001)
        assert "20000" in str(error.value.error_dict["rows"])

    def test_one_wrong_row_and_none_is_entered(self, bring: Any) -> None:
        rows = [
            {"code": "H91.01", "title": "Sở Đúng"},
            {"code": "sai mã", "title": "Sở Sai"},
        ]
        result = bring("agencies", rows, dry_run=False)
        assert not result["applied"]
        assert result["rows"][1]["errors"].keys() == {"code"}
        assert model.Group.get("so-dung") is None

    def test_columns_of_another_table_are_refused(self, bring: Any) -> None:
        with pytest.raises(tk.ValidationError, match="columns of this table"):
            bring("agencies", b"a,b,c\n1,2,3\n")

    def test_a_column_twice_is_refused(self, bring: Any) -> None:
        data = "Tên cơ quan,Tên cơ quan\nA,B\n".encode()
        with pytest.raises(tk.ValidationError, match="twice"):
            bring("agencies", data)


class TestFocalPoints:
    def row(self, code: str, **more: str) -> dict[str, str]:
        given = {
            "agency": code,
            "role": "feedback",
            "full_name": "Phạm Văn Đồng",
            "email": "pvd@x.example",
            "valid_from": "01/01/2026",
        }
        return {**given, **more}

    def test_rows_are_entered_and_change_nothing_the_second_time(self, bring: Any) -> None:
        agency("Sở Nhập Một", identifier="H92.01")
        rows = [self.row("H92.01"), self.row("H92.01", rank="deputy", full_name="Phó")]
        assert outcomes(bring("focal-points", rows, dry_run=False)) == ["create", "create"]
        again = bring("focal-points", rows, dry_run=False)
        assert outcomes(again) == ["unchanged", "unchanged"]

    def test_two_main_ones_in_one_file_are_refused_with_the_row(self, bring: Any) -> None:
        agency("Sở Nhập Hai", identifier="H92.02")
        rows = [self.row("H92.02"), self.row("H92.02", valid_from="01/02/2026")]
        result = bring("focal-points", rows, dry_run=False)
        assert outcomes(result) == ["create", "error"]
        assert result["rows"][1]["errors"].keys() == {"valid_from"}
        assert call_action("nd47_focal_point_list", agency="H92.02")["count"] == 0

    def test_an_unknown_agency_is_an_error_of_its_row(self, bring: Any) -> None:
        result = bring("focal-points", [self.row("H00.99")])
        assert result["rows"][0]["errors"].keys() == {"agency"}

    def test_the_public_file_holds_public_fields_only(self) -> None:
        one = agency("Sở Xuất", identifier="H92.03")
        focal_point(one["id"], full_name="Tên Không Lộ")
        for extension in ("csv", "json"):
            rows = export.rows("focal-points", {"agency_id": one["id"]})
            told = export.write("focal-points", rows, extension).decode()
            assert "dulieu@sgd.haison.example" in told
            assert "Tên Không Lộ" not in told
            assert "0912" not in told
            assert "rieng" not in told


class TestAtOnce:
    """Two imports at the same moment: one is applied, the other is told so, none fails."""

    def at_once(self, people: People, *tables: list[dict[str, Any]]) -> list[str]:
        start = threading.Barrier(len(tables))
        told: list[str] = []

        def write(rows: list[dict[str, Any]]) -> None:
            start.wait()
            context = {"user": people.sysadmin["name"]}
            try:
                call_action(
                    "nd47_register_import", context, kind="agencies", rows=rows, dry_run=False
                )
                told.append("applied")
            except tk.ValidationError as error:
                told.append(inputs.error_messages(error)["upload"][0])
            finally:
                model.Session.remove()

        model.Session.commit()
        writers = [threading.Thread(target=write, args=(rows,)) for rows in tables]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        return sorted(told)

    def test_of_one_table_at_once_nothing_is_entered_twice(self, people: People) -> None:
        rows = [
            {"code": f"H93.{number:02}", "title": f"Sở Cùng Lúc {number}"} for number in range(30)
        ]
        told = self.at_once(people, rows, rows, rows)
        assert told.count("applied") == 1
        assert all("Somebody else" in one for one in told if one != "applied")
        assert call_action("nd47_agency_list", q="Sở Cùng Lúc", limit=100)["count"] == 30

    def test_what_another_wrote_meanwhile_refuses_the_table_in_words(
        self, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not an import but a form takes the address between the look and the writing."""
        taken = importer.load_agencies

        def then_another_writes() -> Any:
            known = taken()
            thread = threading.Thread(target=self.another)
            thread.start()
            thread.join()
            return known

        monkeypatch.setattr(importer, "load_agencies", then_another_writes)
        context = {"user": people.sysadmin["name"]}
        rows = [{"title": "Sở Bị Chen", "code": "H93.90"}]
        result = call_action(
            "nd47_register_import", context, kind="agencies", rows=rows, dry_run=False
        )
        assert not result["applied"]
        assert result["rows"][0]["errors"]

    def another(self) -> None:
        try:
            agency("Sở Bị Chen", name="so-bi-chen")
            model.Session.commit()
        finally:
            model.Session.remove()

    @pytest.mark.parametrize("code", ["23505", "40P01"])
    def test_a_clash_in_the_database_is_a_refusal(
        self, people: People, monkeypatch: pytest.MonkeyPatch, code: str
    ) -> None:
        self.clash(monkeypatch, code)
        context = {"user": people.sysadmin["name"]}
        with pytest.raises(tk.ValidationError, match="Somebody else") as refused:
            call_action("nd47_register_import", context, kind="agencies", rows=[{"title": "Sở"}])
        assert refused.value.__cause__ is None

    def test_another_fault_of_the_database_stays_one(
        self, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.clash(monkeypatch, "42P01")
        context = {"user": people.sysadmin["name"]}
        with pytest.raises(DBAPIError):
            call_action("nd47_register_import", context, kind="agencies", rows=[{"title": "Sở"}])

    def clash(self, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
        raised = (
            f"DO $$ BEGIN RAISE EXCEPTION 'Failing row contains (0912)' "
            f"USING ERRCODE = '{code}'; END $$"
        )

        def clash(*_given: Any) -> None:
            model.Session.execute(sa.text(raised))

        monkeypatch.setattr(importer, "import_records", clash)


class TestCommands:
    def test_import_asks_for_apply(self, tmp_path: Path) -> None:
        file = tmp_path / "co-quan.csv"
        file.write_bytes(AGENCIES)
        run = CliRunner().invoke(cli.agencies, ["import", str(file)])
        assert run.exit_code == 0, run.output
        assert "Dry run" in run.output
        assert model.Group.get("so-ngoai-vu") is None
        run = CliRunner().invoke(cli.agencies, ["import", str(file), "--apply"])
        assert run.exit_code == 0, run.output
        assert call_action("nd47_agency_show", id="H88.01")["title"] == "Sở Ngoại vụ"

    def test_export(self, tmp_path: Path) -> None:
        file = tmp_path / "dau-moi.xlsx"
        run = CliRunner().invoke(cli.focal_points, ["export", str(file), "--all"])
        assert run.exit_code == 0, run.output
        assert file.read_bytes().startswith(b"PK")

    def test_alerts_fail_where_there_are_any(self) -> None:
        dataset(agency("Sở Không Ai"))
        run = CliRunner().invoke(cli.focal_points, ["alerts"])
        assert run.exit_code == 1
        assert "Sở Không Ai" in run.output


class TestAdoption:
    @pytest.fixture
    def spelled(self) -> list[dict[str, Any]]:
        one = agency("Sở Chuyển Đến")
        self.agency = one["id"]
        return [
            dataset(one, contact=[{"name": "Trần Thị Hòa", "email": "HOA@scd.example"}]),
            dataset(one, contact=[{"name": "TRẦN  THỊ  HOÀ", "email": "hoa@scd.example "}]),
            dataset(one, contact=[{"name": "Phòng Kế hoạch"}]),
            dataset(one, contact=[{"name": "phong ke hoach"}]),
            dataset(one),
        ]

    def mine(self, result: dict[str, Any]) -> list[dict[str, Any]]:
        return [group for group in result["groups"] if group["agency"] == self.agency]

    def test_a_proposal_groups_and_changes_nothing(self, spelled: list[dict[str, Any]]) -> None:
        groups = self.mine(call_action("nd47_focal_point_adopt"))
        assert [(group["email"], group["datasets"]) for group in groups] == [
            ("", 2),
            ("hoa@scd.example", 2),
        ]
        assert call_action("nd47_focal_point_list", agency=self.agency)["count"] == 0

    def test_applied_datasets_refer_and_undone_they_have_back_what_they_had(
        self, spelled: list[dict[str, Any]]
    ) -> None:
        before = [stored(one["id"]).get("contact") for one in spelled]
        run = call_action("nd47_focal_point_adopt", mode="apply")["run"]
        shown = call_action("package_show", id=spelled[0]["id"])
        assert shown["contact_points"][0]["email"] == "hoa@scd.example"
        assert call_action("nd47_focal_point_list", agency=self.agency)["count"] == 2
        assert self.mine(call_action("nd47_focal_point_adopt")) == []
        result = call_action("nd47_focal_point_adopt", mode="undo", run=run)
        assert set(result["restored"]) >= {one["id"] for one in spelled[:4]}
        model.Session.expire_all()
        after = [stored(one["id"]).get("contact") for one in spelled]
        assert after == before
        assert call_action("nd47_focal_point_list", agency=self.agency)["count"] == 0

    def test_dates_stay_and_after_undo_the_rows_are_equal(
        self, spelled: list[dict[str, Any]]
    ) -> None:
        rows = sa.text(
            "SELECT to_jsonb(p) FROM package p UNION ALL SELECT to_jsonb(r) FROM resource r"
            " UNION ALL SELECT to_jsonb(a) FROM activity a ORDER BY 1"
        )
        moments = sa.text("SELECT id, metadata_modified FROM package ORDER BY id")
        before = model.Session.execute(rows).all()
        dates = model.Session.execute(moments).all()
        shown = call_action("package_show", id=spelled[0]["id"])
        run = call_action("nd47_focal_point_adopt", mode="apply")["run"]
        assert model.Session.execute(rows).all() != before
        assert model.Session.execute(moments).all() == dates
        call_action("nd47_focal_point_adopt", mode="undo", run=run)
        assert model.Session.execute(rows).all() == before
        assert call_action("package_show", id=spelled[0]["id"]) == shown

    def test_a_dataset_changed_since_is_left_alone(self, spelled: list[dict[str, Any]]) -> None:
        run = call_action("nd47_focal_point_adopt", mode="apply")["run"]
        call_action("package_patch", id=spelled[0]["id"], contact=[{"name": "Mới"}])
        result = call_action("nd47_focal_point_adopt", mode="undo", run=run)
        assert result["kept"] == [spelled[0]["id"]]
        with pytest.raises(tk.ObjectNotFound):
            call_action("nd47_focal_point_adopt", mode="undo", run=run)
